# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A thing asked for once, and what `~/tracked` says of it on each frame of a camera in real time.

    python -m benchmark.tracked DATA [--max-rate 8] [--rate 25] [--only NAME ...]

The thing of each first frame is asked for by its box and kept; then the camera sends the sequence,
whatever the node makes of it. J is the IoU of what is said about a frame with the truth of that
frame, 0 where nothing is said; `fastsam evaluate --task follow --every N --late N` is the same
without a node and without real time. Each sequence has a node of its own.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rclpy.serialization import deserialize_message

from benchmark.report.tables import plain_table
from benchmark.tracked.camera import Sent, camera, stamp_of
from benchmark.tracked.robot import Received, Robot, robot_and_node
from fastsam_ros.core import RunLengths
from fastsam_ros.evaluate.follow import MaskedVideo, iou, sequences
from fastsam_ros.following.thing import State
from fastsam_ros.msg import SegmentationArray

SETTLE = 1.5  # seconds: until all is warm; until the last results and diagnostics have come
Frame = tuple[np.ndarray, np.ndarray]  # image and truth


def measure(name: str, frames: Sequence[Frame], rate: float, **parameters: object) -> dict:
    """
    Follow one sequence's thing.

    :param frames: images (H, W, 3) uint8 RGB and masks (H, W) bool
    :param rate: of the camera, Hz
    :param parameters: of the node
    :return: figures by name
    """
    images, truths = zip(*frames)
    with robot_and_node(**parameters) as robot, camera(images, rate) as film:
        robot.listen(True)
        robot.follow(truths[0])
        robot.spin(SETTLE)
        film.run(len(frames) - 1)
        robot.spin(len(frames) / rate + SETTLE)
        robot.spin(SETTLE, film.has_ended)
        return figures(name, robot, film.sent(), truths[1:], rate)


def figures(
    name: str, robot: Robot, sent: Sent, truths: Sequence[np.ndarray], rate: float
) -> dict[str, object]:
    """
    What was said, and how soon.

    :param truths: of the frames from `sent.begin` on
    """
    said = by_frame(robot.tracked, sent, rate)
    ages = [1e3 * (came - sent.times[sent.begin + n]) for n, (came, _) in said.items()]
    ious = np.array([
        iou(mask_of(said[n][1], truth.shape), truth) if n in said else 0.0
        for n, truth in enumerate(truths)])
    since = [seconds_since_seen(message) for _, message in said.values()]
    own = robot.figures
    return {
        'sequence': name,
        'frames': len(truths),
        'messages': len(said),
        'network results': len(by_frame(robot.prompted, sent, rate)),
        'J': f'{ious.mean():.3f}',
        'age p50, p95 [ms], by the node': ', '.join(
            own.get(f'age of tracked {p} [ms]', '?') for p in ('p50', 'p95')),
        'age p50, p95 [ms], by the listener': _percentiles(ages),
        'seen p50, p95 [ms] before': _percentiles([1e3 * s for s in since]),
        'not followed': _reasons(said) or 'none',
        'frames not tracked, in all': own.get('frames not tracked', '?'),
    }


def by_frame(
    received: Received, sent: Sent, rate: float
) -> dict[int, tuple[float, SegmentationArray]]:
    """When and what was said of each frame of the film, counted from its first."""
    stamps = {_pair(stamp_of(n, rate)): n - sent.begin for n in range(len(sent.times))}
    messages = [deserialize_message(m, SegmentationArray) for m in received.messages]
    said = {
        stamps[_pair(message.header.stamp)]: (came, message)
        for came, message in zip(received.times, messages)}
    return {n: what for n, what in said.items() if n >= 0}


def _pair(stamp: object) -> tuple[int, int]:
    return stamp.sec, stamp.nanosec


def mask_of(message: SegmentationArray, shape: tuple[int, int]) -> np.ndarray:
    """All that a message shows: (H, W) bool."""
    mask = np.zeros(shape, bool)
    for segment in message.segmentations:
        box = segment.box
        runs = RunLengths(
            box.x_offset, box.y_offset, box.width, box.height, segment.area,
            np.asarray(segment.counts, np.uint32))
        mask[runs.window] |= runs.mask()
    return mask


def seconds_since_seen(message: SegmentationArray) -> float:
    """How long before a frame the network saw the thing."""
    now, seen = message.header.stamp, message.prompts[0].seen
    return now.sec - seen.sec + 1e-9 * (now.nanosec - seen.nanosec)


def _reasons(said: Mapping[int, tuple[float, SegmentationArray]]) -> str:
    """Why the thing was not followed in some frames, and in how many."""
    missing = Counter(
        f'{State(prompt.state).name}, {prompt.message}'
        for _, message in said.values() for prompt in message.prompts
        if prompt.state != State.FOLLOWED)
    return '; '.join(f'{count} {reason}' for reason, count in missing.most_common())


def _percentiles(values: Sequence[float]) -> str:
    return ', '.join(f'{value:.1f}' for value in np.percentile(values or [0.0], (50, 95)))


def main() -> None:
    """Measure each sequence and print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path, help='folder of sequences with images/ and masks/')
    parser.add_argument('--rate', type=float, default=25.0, help='of the camera, Hz')
    parser.add_argument('--max-rate', type=float, default=8.0, help='of the network, Hz')
    parser.add_argument('--only', nargs='+', metavar='NAME', help='these sequences alone')
    options = parser.parse_args()
    rows = [
        measure(path.name, [*MaskedVideo(path)], options.rate, max_rate=options.max_rate)
        for path in sequences(options.data) if path.name in (options.only or [path.name])]
    print(plain_table(rows))
    print(f'\nJ of all: {np.mean([float(row["J"]) for row in rows]):.3f}; messages for '
          f'{sum(r["messages"] for r in rows) / sum(r["frames"] for r in rows):.1%} of the frames')


if __name__ == '__main__':
    main()
