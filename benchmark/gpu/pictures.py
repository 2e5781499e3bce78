# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""On a GPU: a picture on the host to run lengths on the host, against the bare network there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from benchmark.images import BARE, OURS, RETINA, letterboxed
from benchmark.report.results import Row
from benchmark.rig.networks import Network
from benchmark.rig.peers import Ultralytics
from benchmark.rig.pictures import frames, threshold
from benchmark.rig.timing import interleaved
from fastsam_ros.fastsam import FastSam

HALF = f'{RETINA}, half'


def measure(
    network: Network,
    height: int,
    width: int,
    image_size: int,
    segments: int,
    rounds: int,
    device: str = 'cuda',
    warm_up: int = 10,
) -> list[Row]:
    """One row a program; the memory of the device in the first."""
    images = frames(height, width)
    model = FastSam(str(network.weights), device=device, image_size=image_size)
    model.confidence = threshold(model, images, segments)
    found = float(np.mean([len(model(image)) for image in images]))
    peers = _peers(network, model)
    programs = _programs(model, peers, images)
    memory = _megabytes(lambda: programs[OURS](0), device)
    times = interleaved(programs, rounds, warm_up)
    about = {'segments': round(found, 1), 'image_size': image_size}
    return [
        Row('gpu', network.name, f'{width}x{height}', name, taken,
            {**about, 'precision': peers.get(name, model).precision,
             **({'device_megabytes': memory} if name == OURS else {})})
        for name, taken in times.items()
    ]


def _peers(network: Network, model: FastSam) -> dict[str, Ultralytics]:
    """Ultralytics in float32, as it computes unless told otherwise, and in float16."""
    settings = {
        'confidence': model.confidence, 'image_size': model.image_size, 'device': model.device}
    return {
        name: Ultralytics(network.checkpoint, retina=True, half=half, **settings)
        for name, half in ((RETINA, False), (HALF, True))}


def _programs(
    model: FastSam, peers: Mapping[str, Ultralytics], images: Sequence[np.ndarray]
) -> dict[str, Callable[[int], object]]:
    backwards = [np.ascontiguousarray(image[..., ::-1]) for image in images]  # as OpenCV reads
    return {
        OURS: lambda turn: model(images[turn % len(images)]).run_lengths(),
        BARE: _bare(model, images[0]),
        **{name: lambda turn, peer=peer: peer(backwards[turn % len(images)])
           for name, peer in peers.items()},
    }


def _bare(model: FastSam, image: np.ndarray) -> Callable[[int], object]:
    """The network on a batch that lies on the device."""
    batch = torch.from_numpy(letterboxed(model, image)).to(model.device)

    def run(turn: int) -> None:
        model._backend.run(batch)
        if model.device.startswith('cuda'):
            torch.cuda.synchronize()

    return run


def _megabytes(program: Callable[[], object], device: str) -> float | None:
    """All memory of the device that a run takes at most, the network's included."""
    if not device.startswith('cuda'):
        return None
    program()
    torch.cuda.empty_cache()  # what earlier programs left
    program()
    torch.cuda.synchronize()
    # Reserved, because what is inside a CUDA graph does not count as allocated.
    return round(torch.cuda.memory_reserved(device) / 1e6, 1)
