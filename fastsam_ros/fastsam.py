# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The public interface: an image goes in, a scene of segments comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastsam_ros import backends, models
from fastsam_ros.backends.host_stages import HostStages, Stages, Thresholds
from fastsam_ros.core import (
    Answer,
    BackendError,
    FastSamError,
    ImageError,
    ModelError,
    ParameterError,
    Prompt,
    PromptError,
    RunLengths,
    Scene,
    Selection,
    TextError,
    UntrustedModelError,
)
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.scene import Matcher
from fastsam_ros.core.settings import Setting
from fastsam_ros.following.tracker import Tracker

__all__ = [
    'Answer',
    'BackendError',
    'FastSam',
    'FastSamError',
    'ImageError',
    'ModelError',
    'ParameterError',
    'Prompt',
    'PromptError',
    'RunLengths',
    'Scene',
    'Selection',
    'TextError',
    'Tracker',
    'UntrustedModelError',
]


@dataclass(frozen=True, eq=False)
class Inference:
    """
    What the network said of a batch of images, not yet looked at.

    :param images: B images, (H, W, 3) uint8 RGB
    :param letterboxes: the geometry of each
    :param outputs: what the network said of each, in the form and place of its runtime
    """

    images: Sequence[np.ndarray]
    letterboxes: Sequence[Letterbox]
    outputs: Sequence[Any]


class FastSam:
    """
    The network and its thresholds; safe to use from several threads.

    :param model: '' for the model that ships, a published model's name, or a path to a .onnx,
        .xml, .pt, .safetensors, .torchscript or .engine file
    :param device: auto, cpu, cuda, cuda:N, or a device of the runtime's own naming
    :param precision: auto, fp32, fp16, bf16 or int8, where the runtime and the file offer it
    :param image_size: longer side of the network's input, pixels, a multiple of 32
    :param confidence: segments below are dropped, 0 to 1
    :param iou: of two boxes that overlap more than this one is dropped, 0 to 1
    :param max_segments: at most so many segments an image
    :param streams: inferences that run side by side, each on its share of the cores, for callers
        of several threads; 0: as many as suit a camera on this processor
    :param trust: load a pickled checkpoint although its SHA-256 is not a published one
    :param matcher: answers text prompts (`fastsam_ros.text.matcher`); or None
    :raises ModelError: when the file is missing, broken or no FastSAM network
    :raises BackendError: when the runtime or the device is not there
    :raises ParameterError: when a setting is out of its range
    """

    image_size = Setting(int, 64, 4096, multiple=32)
    confidence = Setting(float, 0.0, 1.0)
    iou = Setting(float, 0.0, 1.0)
    max_segments = Setting(int, 1, 10000)

    def __init__(
        self,
        model: str = '',
        *,
        device: str = 'auto',
        precision: str = 'auto',
        image_size: int = 640,
        confidence: float = 0.4,
        iou: float = 0.9,
        max_segments: int = 300,
        streams: int = 1,
        trust: bool = False,
        matcher: Matcher | None = None,
    ) -> None:
        self.image_size = image_size
        self.confidence = confidence
        self.iou = iou
        self.max_segments = max_segments
        self.matcher = matcher
        self.path = models.resolve(model)
        models.check_trust(self.path, trust)
        self._backend = backends.load(
            self.path, device=device, precision=precision, streams=streams)
        self._stages: Stages = getattr(self._backend, 'stages', None) or HostStages(self._backend)

    @property
    def name(self) -> str:
        """The model file's name without its ending."""
        return self.path.stem

    @property
    def runtime(self) -> str:
        """Who runs the network: openvino, onnxruntime, torch or tensorrt."""
        return self._backend.name

    @property
    def device(self) -> str:
        """What it runs on."""
        return self._backend.device

    @property
    def precision(self) -> str:
        """What it computes in."""
        return self._backend.precision

    @property
    def streams(self) -> int:
        """How many inferences run side by side without one waiting for another."""
        return self._backend.streams

    @property
    def batches(self) -> bool:
        """Whether several images in one run come sooner than one after the other."""
        return self._backend.batches

    def __call__(self, image: np.ndarray) -> Scene:
        """
        Segment one image.

        :param image: (H, W, 3) uint8 RGB
        :raises ImageError: for anything else
        """
        return self.batch([image])[0]

    def batch(self, images: Sequence[np.ndarray]) -> list[Scene]:
        """
        Segment several images; those of one shape go through the network in one run.

        :param images: each (H, W, 3) uint8 RGB
        :raises ImageError: when one is anything else
        """
        return self.scenes(self.infer(images))

    def stream(self, images: Iterable[np.ndarray]) -> Iterator[Scene]:
        """
        Segment images as they come, in order; the network is busy while the last scene is used.

        :param images: each (H, W, 3) uint8 RGB
        """
        with ThreadPoolExecutor(1, thread_name_prefix='fastsam-network') as network:
            pending = None
            for image in images:
                following = network.submit(self.infer, [image])
                if pending is not None:
                    yield self.scenes(pending.result())[0]
                pending = following
            if pending is not None:
                yield self.scenes(pending.result())[0]

    def infer(self, images: Sequence[np.ndarray]) -> Inference:
        """
        The first half of `batch`: letterbox and network.

        :raises ImageError: when an image is not (H, W, 3) uint8
        """
        for image in images:
            check_image(image)
        letterboxes = [self._fit(*image.shape[:2]) for image in images]
        outputs: list = [None] * len(images)
        groups: dict[tuple[int, int], list[int]] = {}
        for index, box in enumerate(letterboxes):
            groups.setdefault((box.input_height, box.input_width), []).append(index)
        for members in groups.values():
            together = ([of[index] for index in members] for of in (images, letterboxes))
            for index, output in zip(members, self._stages.run(*together)):
                outputs[index] = output
        return Inference(images, letterboxes, outputs)

    def scenes(self, inference: Inference) -> list[Scene]:
        """The second half of `batch`: thresholds and suppression, and scenes of what is left."""
        found = (inference.images, inference.letterboxes, inference.outputs)
        return [self._scene(*one) for one in zip(*found)]

    def warm_up(self, height: int = 480, width: int = 640) -> None:
        """
        Run on an empty image, so that the first real one is as fast as the rest.

        :param height: of the images to come, pixels
        :param width: of the images to come, pixels
        """
        for _ in range(2):  # a GPU records its kernels when a shape comes again
            self(np.zeros((height, width, 3), np.uint8))

    def close(self) -> None:
        """Free the network and its device's memory; the object is of no use afterwards."""
        self._backend.close()

    def _fit(self, height: int, width: int) -> Letterbox:
        fixed = self._backend.input_shape
        if fixed is not None:
            return Letterbox(height, width, *fixed)
        return Letterbox.fit(height, width, self.image_size)

    def _scene(self, image: np.ndarray, letterbox: Letterbox, output: Any) -> Scene:
        thresholds = Thresholds(self.confidence, self.iou, self.max_segments)
        found = self._stages.find(output, letterbox, thresholds)
        scene = Scene(
            found.extents, found.scores, found.coefficients, found.prototypes, letterbox, image,
            self.matcher, self._stages.decoder, dict(enumerate(found.runs)))
        return scene.without_empty(found.seen)


def check_image(image: np.ndarray) -> None:
    """
    Refuse what is no image.

    :raises ImageError: unless the image is (H, W, 3) uint8 with at least one pixel
    """
    if not isinstance(image, np.ndarray):
        raise ImageError(f'an image must be a numpy array, not {type(image).__name__}')
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ImageError(
            f'an image must be (height, width, 3) uint8 RGB with at least one pixel, '
            f'not {image.shape} {image.dtype}')
