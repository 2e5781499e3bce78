# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What following, and `~/tracked`, cost the network's rate: with and without each, in turns.

    python -m benchmark.tracked.rate DATA [--rate 60] [--rounds 6] [--seconds 4]

A camera runs through the first sequence of DATA forwards and backwards, so that it is never cut.
Results of all segments are counted while no prompt stands, while one does, and while somebody
listens to `~/tracked` besides.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
import time

import numpy as np

from benchmark.tracked.camera import camera
from benchmark.tracked.robot import EARLY, Robot, robot_and_node
from fastsam_ros.evaluate.follow import MaskedVideo, sequences
from fastsam_ros.srv import Prompt

FOR_EVER = 10**9  # frames
SETTLE = 1.0  # seconds until a change has had its effect
SURE = 0.7  # score of the thing, in nearly all frames
TRIES = 50
NOBODY, STANDS, TRACKED = 'no prompt stands', 'one stands', 'one stands, ~/tracked is heard'


def measure(robot: Robot, seconds: float) -> float:
    """Frames that the network sees a second."""
    robot.spin(SETTLE)
    before, began = robot.results, time.monotonic()
    robot.spin(seconds)
    return (robot.results - before) / (time.monotonic() - began)


def ask(robot: Robot, truth: np.ndarray) -> None:
    """
    Ask for the thing until it is what is followed.

    The camera has moved on since the truth: a faint segment may be all that fits it now.

    :raises RuntimeError: when it never is
    """
    again = (*EARLY, Prompt.Response.NOTHING_THERE)
    for _ in range(TRIES):
        if robot.follow(truth, again).result.segmentations[0].score >= SURE:
            return
        robot.clear()
    raise RuntimeError(f'{TRIES} prompts, and none was answered with a score of {SURE}')


def compare(
    robot: Robot, truth: np.ndarray, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """
    The rates of each state, in turns.

    :param truth: (H, W) bool, where the thing is that is asked for
    """
    ask(robot, truth)  # which waits for the node, too
    rates: dict[str, list[float]] = {NOBODY: [], STANDS: [], TRACKED: []}
    for _ in range(rounds):
        robot.clear()
        rates[NOBODY].append(measure(robot, seconds))
        ask(robot, truth)
        rates[STANDS].append(measure(robot, seconds))
        robot.listen(True)
        rates[TRACKED].append(measure(robot, seconds))
        robot.listen(False)
    return rates


def main() -> None:
    """Start the node, compare, and print medians."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path, help='folder of sequences with images/ and masks/')
    parser.add_argument('--rate', type=float, default=60.0, help='of the camera, Hz')
    parser.add_argument('--rounds', type=int, default=6)
    parser.add_argument('--seconds', type=float, default=4.0)
    options = parser.parse_args()
    images, truths = zip(*MaskedVideo(sequences(options.data)[0]))
    with robot_and_node() as robot, camera(images, options.rate) as film:
        robot.count_all()
        film.run(FOR_EVER)
        rates = compare(robot, truths[0], options.rounds, options.seconds)
    report(rates)


def report(rates: Mapping[str, Sequence[float]]) -> None:
    """Print each state's median, and its share of the one before, round by round."""
    print('| | results a second | of the one before |')
    print('|---|---:|---:|')
    before = None
    for state, values in rates.items():
        share = '' if before is None else f'{median(v / b for v, b in zip(values, before)):.0%}'
        print(f'| {state} | {median(values):.1f} | {share} |')
        before = values


if __name__ == '__main__':
    main()
