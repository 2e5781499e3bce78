# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What following costs on each camera frame, besides the network: processor time of one thread.

A camera that wanders over a photograph, at 854x480; what is followed are segments of its first
frame, the largest ones first: the hard case, since work grows with their areas.

    python -m benchmark --parts following
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
import time

import cv2
import numpy as np

from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.timing import Times
from fastsam_ros.core import Answer, Prompt
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.motion import grey_of
from fastsam_ros.following.tracker import CANDIDATES, Tracker

HEIGHT, WIDTH = 480, 854
THINGS = (0, 1, 20, 50)
PERIOD = 40_000_000  # ns between frames
STEP = 3  # pixels a frame
FINEST = 1  # of the scales of OpenCV's DIS: half the size, as src/flow/flow.cpp does it


def measure(network: Network, rounds: int) -> list[Row]:
    """A row for a flow, and rows for frames that the network saw and those that it did not."""
    cv2.setNumThreads(1)
    model = FastSam(str(network.onnx), device='cpu', candidates=CANDIDATES)
    images = views(2 * rounds + 2)
    inferences = [model.infer([image]) for image in images[::2]]
    seen: dict[str, list[float]] = {"OpenCV's flow, as a measure": flows(images[::2])}
    for things in THINGS:
        updates, carries = [], []
        for taken in (updates, carries):  # nobody carries while updates are timed
            tracker = Tracker()
            # Anew, since masks of candidates stay once they were looked at.
            scenes = [model.scenes(inference)[0] for inference in inferences]
            for number, scene in enumerate(scenes):
                stamp = number * PERIOD
                took = spent(partial(tracker.update, images[2 * number], scene, stamp))
                if not number:
                    bind(tracker, scene, things)
                if taken is carries:
                    took = spent(partial(
                        tracker.carry, images[2 * number + 1], stamp + PERIOD // 2))
                taken.append(took)
        seen[f'{things} things, the network saw the frame'] = updates[1:]
        seen[f'{things} things, carried on'] = carries[1:]
    segments = float(np.mean([len(scene) for scene in scenes]))
    return [
        Row('following', network.name, f'{WIDTH}x{HEIGHT}', name, Times(tuple(times)),
            {'segments': round(segments)})
        for name, times in seen.items()]


def views(count: int) -> list[np.ndarray]:
    """A camera that wanders over a photograph: (H, W, 3) uint8 RGB each."""
    from skimage.data import coffee

    wide = cv2.resize(coffee(), (WIDTH * 3 // 2, HEIGHT * 3 // 2), interpolation=cv2.INTER_CUBIC)
    most = wide.shape[1] - WIDTH
    return [
        np.ascontiguousarray(wide[y : y + HEIGHT, x : x + WIDTH])
        for x, y in ((abs((STEP * n) % (2 * most) - most), n % (HEIGHT // 2))
                     for n in range(count))]


def bind(tracker: Tracker, scene: object, count: int) -> None:
    """Follow the largest segments of the newest frame."""
    for index in np.argsort(-scene.areas)[:count].tolist():
        prompt = Prompt(box=scene.boxes[index])
        tracker.bind(f'thing {index}', [Answer(
            prompt, scene, np.array([index]), np.ones(1, np.float32), ('',), np.empty(0, int))])


def flows(images: list[np.ndarray]) -> list[float]:
    """The same flow by OpenCV, on its own, ms."""
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    dis.setFinestScale(FINEST)
    grey = [grey_of(image) for image in images]
    return [spent(partial(dis.calc, two, one, None)) for one, two in zip(grey, grey[1:])]


def spent(work: Callable[[], object]) -> float:
    """Processor time of this thread, ms."""
    start = time.thread_time()
    work()
    return 1e3 * (time.thread_time() - start)
