# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Partitions one after the other, on this machine, and what is said at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import json

from fastsam_ros.batch.label.partitions import Partition
from fastsam_ros.batch.label.work import Interrupted, Job, Report, attempt_partition, finished
from fastsam_ros.batch.run import Progress
from fastsam_ros.core.errors import ImageError
from fastsam_ros.fastsam import FastSam

SHOWN = 10  # failures that are named; all are in the folder `failures`


def split_finished(
    partitions: Iterable[Partition], job: Job, retry: bool
) -> tuple[list[Report], list[Partition]]:
    """
    What earlier runs finished, and what is left to do.

    :param partitions: of this shard
    :param job: what is asked
    :param retry: do those again of which some pictures failed
    """
    reports, left = [], []
    for partition in partitions:
        report = finished(partition, job)
        if report is None or (retry and report.failures):
            left.append(partition)
        else:
            reports.append(report)
    return reports, left


def label_here(
    model: FastSam, partitions: Sequence[Partition], job: Job, progress: Progress, stopping: object
) -> Iterator[Report]:
    """
    Label partitions in this process.

    :param model: the network
    :param partitions: what is left to do
    :param job: what is asked
    :param progress: is told how far the run is
    :param stopping: true once the user asked for the end
    """
    for partition in partitions:
        bar = progress.begin(partition.name, len(partition.members) or None)

        def step(bar: int = bar) -> bool:
            progress.step(bar)
            return bool(stopping)

        try:
            yield attempt_partition(model, partition, job, step)
        except Interrupted:
            return
        if stopping:
            return


def shown(
    reports: Iterable[Report], count: int, progress: Progress, stopping: object
) -> Iterator[Report]:
    """Reports of a cluster as they come, each a step of one bar, until the user asks to end."""
    bar = progress.begin('partitions', count)
    for report in reports:
        progress.step(bar)
        yield report
        if stopping:
            return


def collect(
    known: Sequence[Report], made: Iterable[Report], max_failures: int | None
) -> list[Report]:
    """
    Gather reports as they come, and end when too much fails.

    :param known: of earlier runs
    :param made: of this one
    :param max_failures: pictures that may fail; None: any number
    :raises ImageError: when more do; what is written by then stays
    """
    reports = list(known)
    _check(reports, max_failures)
    for report in made:
        reports.append(report)
        _check(reports, max_failures)
    return reports


def _check(reports: Sequence[Report], most: int | None) -> None:
    failures = [failure for report in reports for failure in report.failures]
    if most is not None and len(failures) > most:
        raise ImageError(
            f'{len(failures)} pictures failed, more than --max-failures {most}; the first: '
            f'{failures[0][1]}')


def summarise(reports: Sequence[Report], output: str, left: int, interrupted: bool) -> dict:
    """
    What a program reads at the end.

    :param reports: of all partitions that were tried
    :param output: the folder of labels
    :param left: partitions that were not
    :param interrupted: the user asked for the end
    """
    failures = [failure for report in reports for failure in report.failures]
    return {
        'output': output,
        'partitions': sum(report.done for report in reports),
        'pictures': sum(report.pictures for report in reports),
        'segments': sum(report.segments for report in reports),
        'failed': [{'key': key, 'error': error} for key, error in failures],
        'left': left,
        'interrupted': interrupted,
    }


def tell(summary: dict, progress: Progress, as_json: bool) -> None:
    """Say what came of a run."""
    if as_json:
        print(json.dumps(summary, indent=2))
        return
    print('{pictures} pictures, {segments} segments in {partitions} partitions: '
          '{output}'.format(**summary))
    failed = summary['failed']
    if failed:
        progress.note(f'{len(failed)} could not be done:', 'bold')
        for row in failed[:SHOWN]:
            progress.note(f'  {row["error"]}')
        if len(failed) > SHOWN:
            progress.note(f'  ... and {len(failed) - SHOWN} more: {summary["output"]}/failures')
        progress.note('--retry tries their partitions again.')
    if left := summary['left']:
        progress.note(f'{left} partitions are left: the same command goes on from here.')
