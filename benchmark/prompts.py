# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What prompts cost on a scene that is there, none of its masks decoded yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.pictures import frames, threshold
from benchmark.rig.timing import interleaved
from fastsam_ros.core import Prompt, Scene
from fastsam_ros.fastsam import FastSam

HEIGHT, WIDTH = 1080, 1920
MANY = 1000  # points


def measure(network: Network, segments: int, rounds: int) -> list[Row]:
    """One row a kind of prompt."""
    images = frames(HEIGHT, WIDTH)
    model = FastSam(str(network.onnx), device='cpu')
    model.confidence = threshold(model, images, segments)
    scenes = [model(image) for image in images]
    times = interleaved(programs(scenes), rounds, rest=0.002)
    return [
        Row('prompts', network.name, f'{WIDTH}x{HEIGHT}', name, taken, {'segments': segments})
        for name, taken in times.items()
    ]


def programs(scenes: list[Scene]) -> dict[str, Callable[[int], object]]:
    """What is asked; each time of a scene that nobody asked before, at places that vary."""
    rng = np.random.default_rng(0)
    scale = scenes[0].width, scenes[0].height
    points = rng.uniform(0, 1, (MANY, 2)) * scale
    corners = rng.uniform(0, 0.7, (64, 2)) * scale
    boxes = np.concatenate([corners, corners + rng.uniform(0.1, 0.3, (64, 2)) * scale], axis=1)
    singles = [Prompt([point]) for point in points]

    def fresh(turn: int) -> Scene:
        return replace(scenes[turn % len(scenes)])

    return {
        'one point': lambda turn: fresh(turn).prompt(points[turn : turn + 1]),
        f'{MANY} points, one prompt': lambda turn: fresh(turn).prompt(points, selection='all'),
        f'{MANY} points, a prompt each': lambda turn: fresh(turn).answer(singles),
        'one box': lambda turn: fresh(turn).prompt(box=boxes[turn % len(boxes)]),
        'one box, all that is in it': lambda turn: fresh(turn).prompt(
            box=boxes[turn % len(boxes)], selection='all'),
        'a label map of all': lambda turn: fresh(turn).label_map(),
    }
