# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures to all masks: this package, its peers, and the bare network as the limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.peers import Casia, Ultralytics, exported
from benchmark.rig.pictures import frames, threshold
from benchmark.rig.timing import interleaved
from fastsam_ros.fastsam import FastSam

OURS, BARE, FLOAT = 'this package', 'the bare network', 'this package, fp32'
HALF, BARE_HALF = 'this package, bf16', 'the bare network, bf16'  # where `auto` is int8
RETINA, COARSE = 'ultralytics, retina masks', 'ultralytics, masks at network size'
VINO = 'ultralytics in OpenVINO, retina masks'
CASIA = "CASIA's masks"
# What programs compute in that don't follow `auto`; OpenVINO itself takes bf16 where it is fast.
PRECISIONS = {
    HALF: 'bf16', BARE_HALF: 'bf16', VINO: 'bf16',
    **dict.fromkeys((FLOAT, RETINA, COARSE, CASIA), 'fp32')}


@dataclass(frozen=True)
class Plan:
    """
    What is measured together.

    :param network: which
    :param height, width: of the pictures, pixels
    :param image_size: longer side of the network's input, pixels
    :param segments: a picture on average; 0: as many as the default threshold gives
    :param rounds: of measuring
    :param peers: measure others too
    """

    network: Network
    height: int
    width: int
    image_size: int = 640
    segments: int = 100
    rounds: int = 15
    peers: bool = True


def measure(plan: Plan) -> list[Row]:
    """One row a program."""
    images = frames(plan.height, plan.width)
    model = FastSam(str(plan.network.onnx), device='cpu', image_size=plan.image_size)
    if plan.segments:
        model.confidence = threshold(model, images, plan.segments)
    found = float(np.mean([len(model(image)) for image in images]))
    programs = dict(_programs(plan, model, images))
    times = interleaved(programs, plan.rounds)
    size = f'{plan.width}x{plan.height}'
    return [
        Row('images', plan.network.name, size, name, taken, {
            'segments': round(found, 1), 'image_size': plan.image_size,
            'precision': PRECISIONS.get(name, model.precision)})
        for name, taken in times.items()
    ]


def _programs(
    plan: Plan, model: FastSam, images: list[np.ndarray]
) -> Iterator[tuple[str, Callable[[int], object]]]:
    settings = {
        'confidence': model.confidence, 'image_size': plan.image_size}
    yield OURS, _ours(model, images)
    yield BARE, _bare(model, images)
    if model.precision == 'int8':
        half = FastSam(str(plan.network.onnx), device='cpu', precision='bf16', **settings)
        yield HALF, _ours(half, images)
        yield BARE_HALF, _bare(half, images)
    if not plan.peers:
        return
    exact = FastSam(str(plan.network.onnx), device='cpu', precision='fp32', **settings)
    yield FLOAT, _ours(exact, images)
    backwards = [np.ascontiguousarray(image[..., ::-1]) for image in images]  # as OpenCV reads
    for name, retina in ((RETINA, True), (COARSE, False)):
        peer = Ultralytics(plan.network.checkpoint, retina=retina, **settings)
        yield name, lambda turn, peer=peer: peer(backwards[turn % len(images)])
    size = letterboxed(model, images[0]).shape[1:3]
    alike = Ultralytics(exported(plan.network.checkpoint, *size), retina=True, **{
        **settings, 'image_size': size})
    yield VINO, lambda turn: alike(backwards[turn % len(images)])
    casia = Casia(FastSam(str(plan.network.weights), device='cpu', precision='fp32', **settings))
    yield CASIA, lambda turn: casia(images[turn % len(images)])


def _ours(model: FastSam, images: list[np.ndarray]) -> Callable[[int], object]:
    """From a picture in memory to the run lengths of all its masks."""
    return lambda turn: model(images[turn % len(images)]).run_lengths()


def _bare(model: FastSam, images: list[np.ndarray]) -> Callable[[int], object]:
    """The network alone, on pictures that are letterboxed already."""
    batches = [letterboxed(model, image) for image in images]
    return lambda turn: model._backend.infer(batches[turn % len(images)])


def letterboxed(model: FastSam, image: np.ndarray) -> np.ndarray:
    """What the network is given: (1, h, w, 3) uint8."""
    letterbox = model._fit(*image.shape[:2])
    batch = np.empty((1, letterbox.input_height, letterbox.input_width, 3), np.uint8)
    letterbox.apply(image, batch[0])
    return batch
