# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What runs a network on a GPU: torch, and TensorRT with torch around it or without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from unittest import mock

from benchmark.rig.networks import Network
from fastsam_ros.backends.cuda import graph
from fastsam_ros.backends.tensorrt import gpu
from fastsam_ros.export.formats import export
from fastsam_ros.export.request import ExportRequest
from fastsam_ros.fastsam import FastSam

TORCH, TENSORRT, ALONE = 'torch', 'TensorRT and torch', 'TensorRT without torch'


def is_there(runtime: str) -> bool:
    """Whether one is installed; torch is, as ultralytics needs it."""
    needed = {TORCH: (), TENSORRT: ('tensorrt',), ALONE: ('tensorrt', 'cuda')}[runtime]
    return all(find_spec(name) is not None for name in needed)


def load(
    runtime: str, network: Network, image_size: int, cameras: int, device: str
) -> FastSam:
    """
    A network in one of them; its engine is built if there is none yet, which takes minutes.

    :param image_size: longer side of the network's input, pixels
    :param cameras: images in a run, for which an engine is tuned
    """
    settings = {'device': device, 'image_size': image_size}
    if runtime == TORCH:
        return FastSam(str(network.weights), **settings)
    path = engine(network, image_size, cameras)
    with _unseen_by_torch() if runtime == ALONE else _as_it_is():
        return FastSam(str(path), **settings)


def engine(network: Network, image_size: int, cameras: int) -> Path:
    """An engine beside the network's other files, in float16."""
    folder = network.checkpoint.parent / f'engines-{image_size}-{cameras}'
    folder.mkdir(exist_ok=True)
    return export(ExportRequest(
        network.onnx, 'tensorrt', folder, image_size=image_size, cameras=cameras))


@contextmanager
def unrecorded() -> Iterator[None]:
    """Nothing is recorded, and nothing that was is used."""
    from fastsam_ros.backends.tensorrt.recording import Recordings

    with mock.patch.object(graph, 'recordable', lambda device: False), mock.patch.object(
            Recordings, '__call__', lambda recordings, key, addresses, queue: queue()):
        yield


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


@contextmanager
def _unseen_by_torch() -> Iterator[None]:
    """As on a robot without torch."""
    with mock.patch.object(gpu, '_by_torch', side_effect=RuntimeError('torch is left out')):
        yield
