# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The same partitions on a Ray cluster: Ray Data, with actors that hold one model each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
import logging
import os
import pickle

from fastsam_ros.batch.label.partitions import Partition
from fastsam_ros.batch.label.work import Job, Report, attempt_partition
from fastsam_ros.batch.network import load_network
from fastsam_ros.core.errors import BackendError, FastSamError


class Labeller:
    """
    An actor: one model, which labels one partition after the other.

    :param settings: arguments of `load_network`
    :param job: what is asked, pickled
    """

    def __init__(self, settings: Mapping[str, object], job: bytes) -> None:
        self._model = load_network(**settings)
        self._job: Job = pickle.loads(job)

    def __call__(self, batch: Mapping[str, Sequence[bytes]]) -> dict[str, list[bytes]]:
        """Label the partitions of a batch."""
        partitions = [pickle.loads(data) for data in batch['partition']]
        reports = [attempt_partition(self._model, each, self._job) for each in partitions]
        return {'report': [pickle.dumps(report) for report in reports]}


def label_on_ray(
    settings: Mapping[str, object],
    partitions: Sequence[Partition],
    job: Job,
    *,
    address: str = '',
    workers: int = 1,
    gpus: float = 0.0,
) -> Iterator[Report]:
    """
    Label partitions on a cluster; what an actor was at when it died is done again by another.

    :param settings: arguments of `load_network`
    :param partitions: what is left to do
    :param job: what is asked; its output is a folder or URL that all machines see
    :param address: of the cluster, such as auto or ray://HOST:10001; '': one on this machine
    :param workers: actors
    :param gpus: share of a GPU that each actor takes
    :raises BackendError: when Ray is not installed or the cluster cannot be reached
    """
    ray = _connect(address)
    rows = [{'partition': pickle.dumps(partition)} for partition in partitions]
    try:
        reports = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
            Labeller,
            fn_constructor_args=(dict(settings), pickle.dumps(job)),
            compute=ray.data.ActorPoolStrategy(size=min(workers, len(rows))),
            batch_size=1,
            num_gpus=gpus or None,
        )
        for row in reports.iter_rows():
            yield pickle.loads(row['report'])
    except ray.exceptions.RayError as error:
        cause = getattr(error, 'cause', None)
        if isinstance(cause, (FastSamError, OSError)):
            raise cause from error
        raise BackendError(f'Ray could not go on: {error}') from error
    finally:
        ray.shutdown()


def _connect(address: str):
    os.environ.setdefault('RAY_USAGE_STATS_ENABLED', '0')
    try:
        import ray
        import ray.data
    except ModuleNotFoundError as error:
        raise BackendError(
            f'--ray needs {error.name}, which is not installed: pip install "fastsam_ros[ray]"'
        ) from error
    logging.getLogger('ray.data').setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.execution_options.preserve_order = True
    try:
        ray.init(address or None, include_dashboard=False if not address else None,
                 log_to_driver=False, logging_level='warning')
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise BackendError(f'no Ray cluster answers at {address or "this machine"}: {error}') \
            from error
    return ray
