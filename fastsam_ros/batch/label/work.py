# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The partition function: what one machine, a shard of a SLURM array and a Ray actor all run.

A partition's outputs are written beside their places and renamed, the Parquet last: where that is,
the partition is done. Doing one twice gives the same bytes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from fastsam_ros.batch.label.items import read_items
from fastsam_ros.batch.label.partitions import Partition
from fastsam_ros.core.errors import PromptError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.images import load_formats
from fastsam_ros.media.parquet import ParquetWriter, read_contents
from fastsam_ros.media.results import Result, result_of
from fastsam_ros.media.storage import Place


class _NothingRead(Exception):
    """Of a partition, so that no labels are written; its argument is the failures."""


class Interrupted(Exception):
    """The user asked for the end in the middle of a partition."""


@dataclass(frozen=True)
class Job:
    """
    What is asked of every partition.

    :param output: the folder of labels
    :param fingerprint: of the manifest in it
    :param prompts: what is asked; none: everything
    :param topic: of the images in bags; '': the only one
    """

    output: Place
    fingerprint: str
    prompts: Sequence[Prompt] = ()
    topic: str = ''


@dataclass(frozen=True)
class Report:
    """
    What came of a partition.

    :param name: of the partition
    :param pictures: that were labelled
    :param segments: in all of them
    :param failures: key and reason of pictures that could not be read
    :param done: its labels are written
    """

    name: str
    pictures: int
    segments: int
    failures: tuple[tuple[str, str], ...] = ()
    done: bool = True


def label_partition(
    model: FastSam, partition: Partition, job: Job, stopping: Callable[[], object] = bool
) -> Report:
    """
    Label a partition and write its outputs, whatever was there of it.

    :param model: the network
    :param partition: what to label
    :param job: what is asked
    :param stopping: is called after each picture; true: end
    :return: what came of it
    :raises Interrupted: when `stopping` says so; nothing is written then
    """
    load_formats()
    failures: list[tuple[str, str]] = []
    about = {'fingerprint': job.fingerprint, 'partition': partition.digest}
    target = parquet_of(job.output, partition)
    pictures = segments = 0
    with target.replacing() as path, ExitStack() as stack:
        writer = stack.enter_context(ParquetWriter(path, about))
        bag = stack.enter_context(_sidecar(job, partition))
        for key, frame, result in _results(model, partition, job, failures):
            if stopping():
                raise Interrupted
            writer.write(key, result)
            bag(pictures, frame, result)
            pictures += 1
            segments += len(result.segments)
        if not pictures and failures:
            raise _NothingRead(failures)
        _write_failures(job.output, partition, failures)
    return Report(partition.name, pictures, segments, tuple(failures))


def attempt_partition(
    model: FastSam, partition: Partition, job: Job, stopping: Callable[[], object] = bool
) -> Report:
    """The same; a partition of which nothing can be read gets a report, and no labels."""
    try:
        return label_partition(model, partition, job, stopping)
    except _NothingRead as nothing:
        (failures,) = nothing.args
        _write_failures(job.output, partition, failures)
        return Report(partition.name, 0, 0, tuple(failures), done=False)


def finished(partition: Partition, job: Job) -> Report | None:
    """
    What an earlier run reported of a partition, None when there is none or of another list.

    :raises OutputError: when somebody else's file is in the place of its labels
    """
    target = parquet_of(job.output, partition)
    if not target.exists():
        return None
    with target.open() as file:
        found = read_contents(file)
    marks = (found.about['partition'], found.about['fingerprint'])
    if marks != (partition.digest, job.fingerprint):
        return None
    failures = read_failures(job.output, partition)
    return Report(partition.name, found.pictures, found.segments, failures)


def _results(
    model: FastSam, partition: Partition, job: Job, failures: list[tuple[str, str]]
) -> Iterator[tuple[str, Frame, Result]]:
    """The network is at the next picture while this one is written."""
    waiting: deque[tuple[str, Frame]] = deque()

    def images() -> Iterator[np.ndarray]:
        for key, frame in read_items(partition, job.topic):
            if isinstance(frame, Exception):
                failures.append((key, str(frame)))
            else:
                waiting.append((key, frame))
                yield frame.image

    for scene in model.stream(images()):
        key, frame = waiting.popleft()
        try:
            yield key, frame, result_of(scene, job.prompts)
        except PromptError as error:
            failures.append((key, str(error)))


@contextmanager
def _sidecar(job: Job, partition: Partition) -> Iterator[Callable[[int, Frame, Result], None]]:
    """For a bag: its segments in a bag of their own, with the images' headers and times."""
    if partition.kind != 'bag':
        yield lambda number, frame, result: None
        return
    from fastsam_ros.media.bags.copy import segments_alone

    target = job.output / 'bags' / f'{partition.name}.mcap'
    with target.replacing() as path, segments_alone(path, job.prompts) as write:
        yield write


def _write_failures(
    output: Place, partition: Partition, failures: Sequence[tuple[str, str]]
) -> None:
    place = output / 'failures' / f'{partition.name}.json'
    if failures or place.exists():
        rows = [{'key': key, 'error': error} for key, error in failures]
        place.write_json({'written_by': 'fastsam_ros', 'failures': rows})


def read_failures(output: Place, partition: Partition) -> tuple[tuple[str, str], ...]:
    """Keys and reasons that an earlier run noted of a partition."""
    place = output / 'failures' / f'{partition.name}.json'
    if not place.exists():
        return ()
    return tuple((row['key'], row['error']) for row in place.read_json()['failures'])


def parquet_of(output: Place, partition: Partition) -> Place:
    """Where a partition's labels are."""
    return output / 'labels' / f'{partition.name}.parquet'
