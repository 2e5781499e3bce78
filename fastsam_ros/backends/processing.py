# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is done before and after the network: on the host here; a runtime may use its device."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from fastsam_ros.backends.decoders import DecodeMasks, Undecoded, decode_here
from fastsam_ros.backends.protocol import Backend
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import ALIKE, Detections, NameScores, detect
from fastsam_ros.core.masks.deferred import DeferredMasks
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.masks.run_table import RunTable
from fastsam_ros.core.memory import empty
from fastsam_ros.core.scene import Scene

Fitted = tuple[np.ndarray, Letterbox]  # an image, and its geometry in the network's input
# Masks of some segments by their numbers, and (K, 4) float32 boxes that hold them.
MakeMasks = Callable[['slice | list[int]'], tuple[Sequence[RunLengths], np.ndarray]]


@dataclass(frozen=True)
class Thresholds:
    """
    What counts as a segment.

    :param confidence: scores must be above it, 0 to 1
    :param iou: of two boxes that overlap more than this the less confident is dropped, 0 to 1
    :param max_segments: at most N an image
    :param candidates: down to this score, below `confidence`, segments are kept as candidates;
        None: none are
    :param grow: whether boxes of large regions are grown and masks fade beyond their boxes, see
        `core.masks.shaping` and `core.masks.fading`
    :param clean: whether specks and holes are taken out of masks, likewise
    :param apart: whether a box that overlaps a better one stays where its mask is another, see
        `core.masks.decoding.detect`
    """

    confidence: float
    iou: float
    max_segments: int
    candidates: float | None = None
    grow: bool = False
    clean: bool = False
    apart: bool = False

    @property
    def compares_masks(self) -> bool:
        """Whether suppression looks at masks: those of boxes more alike hardly differ."""
        return self.apart and self.iou < ALIKE

    @property
    def floor(self) -> float:
        """The lowest score of all."""
        if self.candidates is None:
            return self.confidence
        return min(self.candidates, self.confidence)

    def confident(self, scores: np.ndarray) -> int:
        """How many of the segments are no candidates: the first ones."""
        return int((scores > np.float32(self.confidence)).sum())


@dataclass(frozen=True, eq=False)
class Inference:
    """
    An image that went through the network, whose output nobody has looked at yet.

    :param image: (H, W, 3) uint8 RGB
    :param letterbox: its geometry in the network's input
    :param thresholds: what will count as a segment
    :param output: what the network said, where its runtime left it
    :param ready: a device's event: the output is there; None: it is
    """

    image: np.ndarray
    letterbox: Letterbox
    thresholds: Thresholds
    output: Any
    ready: Any = None


class Processing(Protocol):
    """Pre- and post-processing."""

    def infer(
        self,
        images: Sequence[np.ndarray],
        letterboxes: Sequence[Letterbox],
        thresholds: Thresholds,
    ) -> list[Inference]:
        """
        Letterbox images and run the network.

        :param images: B images, (H, W, 3) uint8 RGB
        :param letterboxes: of each image; all into inputs of one size
        :param thresholds: what will count as a segment
        """

    def scene(self, inference: Inference) -> Scene:
        """Apply the thresholds, suppress near-duplicates, decode the masks."""


class HostProcessing:
    """Pre- and post-processing in OpenCV and C++; see `Processing`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    def infer(
        self,
        images: Sequence[np.ndarray],
        letterboxes: Sequence[Letterbox],
        thresholds: Thresholds,
    ) -> list[Inference]:
        """See `Processing`."""
        return [
            Inference(image, letterbox, thresholds, output)
            for part in split(images, letterboxes, self._backend.batch[1])
            for (image, letterbox), output in zip(part, self._run(part))]

    def _run(self, part: Sequence[Fitted]) -> list:
        """One run of the network; what it said of each image."""
        first, fewest = part[0][1], self._backend.batch[0]
        shape = max(len(part), fewest), first.input_height, first.input_width, 3
        batch = empty(shape, np.uint8)
        for (image, letterbox), out in zip(part, batch):
            letterbox.apply(image, out)
        batch[len(part) :] = batch[len(part) - 1]  # a network of a fixed batch
        return own_outputs(self._backend.infer(batch), np.copy)

    def scene(self, inference: Inference) -> Scene:
        """See `Processing`."""
        predictions, prototypes, *names = inference.output
        thresholds = inference.thresholds
        found = survivors(predictions, prototypes, thresholds, *names)
        boxes = inference.letterbox.boxes_to_image(found.boxes)
        masks = Masks(
            decode_here, boxes, found.coefficients, prototypes, inference.letterbox, thresholds)
        return scene_of(inference, boxes, found.scores, found.coefficients, found.names, masks)


@dataclass(frozen=True, eq=False)
class Masks:
    """
    Makes masks of an image's segments by their numbers, see `MakeMasks`.

    :param decode: makes them where the prototypes are
    :param boxes: (N, 4) float32 x0, y0, x1, y1, image pixels
    :param coefficients: (N, 32) float32
    :param prototypes: (32, h, w), where the runtime left them
    :param letterbox: of the image
    :param thresholds: say how masks are shaped
    """

    decode: DecodeMasks
    boxes: np.ndarray
    coefficients: np.ndarray
    prototypes: Any
    letterbox: Letterbox
    thresholds: Thresholds

    def __call__(self, some: slice | list[int]) -> tuple[Sequence[RunLengths], np.ndarray]:
        """
        Masks, and (K, 4) float32 boxes that hold them.

        :param some: of the segments
        """
        segments = Undecoded(
            self.coefficients[some], self.prototypes, self.boxes[some], self.letterbox)
        return self.decode(segments, self.thresholds.grow, self.thresholds.clean)


def survivors(
    predictions: np.ndarray, prototypes: Any, thresholds: Thresholds,
    names: NameScores | None = None,
) -> Detections:
    """
    Apply the thresholds, suppress near-duplicates, on the host.

    :param predictions: (37 + K, A) float32
    :param prototypes: (32, h, w), where the runtime left them: they come to the host if need be
    :param names: how likely names are, where they are not among the predictions
    """
    return detect(
        predictions, thresholds.floor, thresholds.iou, thresholds.max_segments,
        np.asarray(prototypes, np.float32) if thresholds.compares_masks else None, names)


def table_of(found: Detections) -> np.ndarray:
    """Boxes, scores, coefficients and names side by side: (N, 37 + K) float32."""
    return np.concatenate(
        [found.boxes, found.scores[:, None], found.coefficients, found.names], axis=1)


def split(
    images: Sequence[np.ndarray], letterboxes: Sequence[Letterbox], most: int
) -> list[list[Fitted]]:
    """Images with their letterboxes, in runs of at most `most`."""
    fitted = list(zip(images, letterboxes))
    return [fitted[first : first + most] for first in range(0, len(fitted), most)]


def own_outputs(outputs: Any, copy: Callable[[Any], Any]) -> list:
    """
    What the network said of each image of a batch.

    :param outputs: a `NetworkOutput` or what has more fields, of the whole batch
    :param copy: copies an array of the outputs' kind: who keeps one image's prototypes must not
        keep those of the whole batch
    """
    parts = [type(outputs)(*part) for part in zip(*outputs)]
    if len(parts) == 1:
        return parts
    return [part._replace(prototypes=copy(part.prototypes)) for part in parts]


def scene_of(
    inference: Inference,
    boxes: np.ndarray,
    scores: np.ndarray,
    coefficients: np.ndarray,
    names: np.ndarray,
    masks: MakeMasks,
) -> Scene:
    """
    The scene, without segments that have no pixel: their boxes miss their own masks.

    :param boxes: of all segments, (N, 4) float32, image pixels
    :param masks: of those that are no candidates they are made at once
    """
    count = len(scores)
    extents, sure = boxes.copy(), slice(inference.thresholds.confident(scores))
    made, extents[sure] = masks(sure)
    runs = RunTable.of(made)
    shown = [*np.flatnonzero(runs.areas).tolist(), *range(len(runs), count)]
    confident = len(shown) - (count - len(runs))
    if len(shown) < count:
        runs = runs.select(shown[:confident])
        extents, scores, coefficients, names = (
            array[shown] for array in (extents, scores, coefficients, names))
    if confident < len(shown):
        runs = deferred(runs, shown, masks, extents)
    return Scene(
        extents, scores, coefficients, inference.output.prototypes, inference.letterbox, runs,
        name_scores=names, confident=confident, image=inference.image)


def deferred(
    first: Sequence[RunLengths], shown: Sequence[int], masks: MakeMasks, extents: np.ndarray
) -> DeferredMasks:
    """
    Masks of which those of candidates are made when somebody looks at them.

    :param first: those of the others
    :param shown: numbers of all, as `masks` takes them
    :param extents: (N, 4) of all; moved outwards to where a candidate's mask goes on
    """
    def make(numbers: list[int]) -> Sequence[RunLengths]:
        found, extents[numbers] = masks([shown[number] for number in numbers])
        return found

    return DeferredMasks(first, len(shown), make)
