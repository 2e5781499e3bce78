# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Where the time of one picture goes: each stage of this package by itself.

Decoding goes straight to run lengths, so it is one stage.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
import time

import cv2
import numpy as np

from benchmark.images import letterboxed
from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.pictures import frames, threshold
from benchmark.rig.timing import REST, WARM_UP, Times
from fastsam_ros.core.masks.decoding import decode, detect
from fastsam_ros.fastsam import FastSam

STAGES = ('convert', 'letterbox', 'network', 'NMS', 'decode')


def measure(
    network: Network, height: int, width: int, image_size: int, segments: int, rounds: int
) -> list[Row]:
    """One row a stage."""
    images = frames(height, width)
    model = FastSam(str(network.onnx), device='cpu', image_size=image_size)
    model.confidence = threshold(model, images, segments)
    taken: dict[str, list[float]] = {stage: [] for stage in STAGES}
    for turn in range(-WARM_UP, rounds):
        time.sleep(REST)
        for stage, elapsed in once(model, images[turn % len(images)]).items():
            if turn >= 0:
                taken[stage].append(elapsed)
    return [
        Row('stages', network.name, f'{width}x{height}', stage, Times(tuple(values)),
            {'segments': segments, 'image_size': image_size, 'precision': model.precision})
        for stage, values in taken.items()
    ]


def once(model: FastSam, image: np.ndarray) -> dict[str, float]:
    """Milliseconds of each stage on one picture."""
    taken: dict[str, float] = {}
    backwards = np.ascontiguousarray(image[..., ::-1])
    image = _timed(taken, 'convert', partial(cv2.cvtColor, backwards, cv2.COLOR_BGR2RGB))
    batch = _timed(taken, 'letterbox', partial(letterboxed, model, image))
    outputs = _timed(taken, 'network', partial(model._backend.infer, batch))
    letterbox = model._fit(*image.shape[:2])
    predictions, prototypes, *names = (output[0] for output in outputs)
    thresholds = model.confidence, model.iou, model.max_segments
    found = _timed(taken, 'NMS', partial(detect, predictions, *thresholds, None, *names))
    extents = letterbox.boxes_to_image(found.boxes)
    _timed(taken, 'decode', partial(decode, found.coefficients, prototypes, extents, letterbox))
    return taken


def _timed(taken: dict[str, float], stage: str, work: Callable[[], object]) -> object:
    start = time.perf_counter()
    result = work()
    taken[stage] = 1e3 * (time.perf_counter() - start)
    return result
