# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A thing that is followed when the picture is cut to another scene and back.

    python -m benchmark.cuts DATA [--length 15]

Half way through each sequence of DATA come frames of another one, for each pair of two. The thing
of the first frame is asked for by its box. J is counted after the cut alone, 0 where nothing is
said; and in how many of the other scene's frames the thing was FOLLOWED, where it never is.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

from fastsam_ros.core import Prompt, Scene
from fastsam_ros.evaluate.follow import PERIOD, MaskedVideo, iou, mask_of, sequences
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.thing import State, Status
from fastsam_ros.following.tracker import CANDIDATES, Tracker

BACK = 10  # frames after the cut in which a thing has come back

# An image, what the network found in it, and the thing: (H, W, 3) uint8, a scene, (H, W) bool.
Frame = tuple[np.ndarray, Scene, np.ndarray]


@dataclass(frozen=True)
class Outcome:
    """
    Of one pair.

    :param j: mean IoU after the cut
    :param back: frames after the cut until it was FOLLOWED again
    :param passed_off: share of the other scene's frames in which it was FOLLOWED
    """

    j: float
    back: int
    passed_off: float


def scenes(model: FastSam, path: Path) -> list[Frame]:
    """All frames of a sequence."""
    return [(image, model(image), truth) for image, truth in MaskedVideo(path)]


def follow(frames: Sequence[Frame], other: Sequence[Frame]) -> Outcome:
    """
    Follow the first frame's thing.

    :param frames: of the sequence
    :param other: of another one, shown half way
    """
    half, tracker = len(frames) // 2, Tracker()
    film = [*frames[:half], *other, *frames[half:]]
    said: list[Status] = []
    for number, (image, scene, truth) in enumerate(film):
        tracker.update(image, scene, (number + 1) * PERIOD)
        if not number:
            rows, columns = np.nonzero(truth)
            box = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            tracker.bind('thing', scene.answer([Prompt(box=box)]))
        said.append(tracker.newest.things[0])
    states = [status.state == State.FOLLOWED for status in said]
    after = half + len(other)
    ious = [iou(mask_of(status, truth.shape), truth)
            for status, (_, _, truth) in zip(said[after:], film[after:])]
    back = states[after:].index(True) if any(states[after:]) else len(ious)
    return Outcome(float(np.mean(ious)), back, float(np.mean(states[half:after])))


def main() -> None:
    """Follow through each pair and print what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('data', type=Path, help='folder of sequences with images/ and masks/')
    parser.add_argument('--length', type=int, default=15, help='of the cut, frames')
    options = parser.parse_args()
    model = FastSam(device='cpu', precision='fp32', candidates=CANDIDATES)
    videos = [scenes(model, path) for path in sequences(options.data)]
    found = [
        follow(one, other[: options.length]) for one, other in permutations(videos, 2)]
    j = np.mean([of.j for of in found])
    print(f'{len(found)} pairs: J after the cut {j:.3f}, back within '
          f'{BACK} frames in {sum(of.back < BACK for of in found)},')
    print(f'FOLLOWED in {np.mean([of.passed_off for of in found]):.1%} of the frames of the cut')


if __name__ == '__main__':
    main()
