# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An example of a word: a part of a picture, from which any network can learn it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
import hashlib

import cv2
import numpy as np

from fastsam_ros.core.answers import Answer
from fastsam_ros.core.errors import PromptError, TextError, WordsError
from fastsam_ros.core.images import contiguous
from fastsam_ros.core.letterbox import GREY
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene
from fastsam_ros.following.appearance import appearance
from fastsam_ros.following.small_mask import Grid, shared, small_masks

MARGIN = 0.5  # of the box's sides; as much of the surroundings is kept on each side
LONGEST = 1280  # pixels; a larger picture is made smaller
JPEG = (  # colours are what things are known by: none is averaged with its neighbours'
    cv2.IMWRITE_JPEG_QUALITY, 95,
    cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)
APART = 0.2  # share of the smaller of two masks; who shares more is no other thing, but a part
SAME = 0.5  # IoU from which a segment of another network is the one that was shown


@dataclass(frozen=True, eq=False)
class Look:
    """
    What an example looks like to one network.

    :param vector: (D,) float32, see `appearance`
    :param nearest: the highest likeness of anything else in its picture, 0 to 1
    """

    vector: np.ndarray
    nearest: float


@dataclass(frozen=True, eq=False)
class Example:
    """
    A thing that a word means, or does not mean.

    :param picture: JPEG of the thing and what surrounds it
    :param mask: of the thing, in that picture
    :param corner: x, y of the picture in the image that it was cut from, pixels
    :param size: height and width of that image, pixels
    :param counter: the word does not mean it
    :param looks: by network, see `Words`
    """

    picture: bytes
    mask: RunLengths
    corner: tuple[int, int]
    size: tuple[int, int]
    counter: bool = False
    looks: Mapping[str, Look] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same thing in the same picture."""
        place = f'{self.mask.x},{self.mask.y},{self.corner},{self.size}'.encode()
        return hashlib.sha256(
            self.picture + self.mask.counts.tobytes() + place).hexdigest()[:16]

    def pixels(self) -> np.ndarray:
        """
        The picture.

        :return: (h, w, 3) uint8 RGB
        :raises WordsError: when it is damaged
        """
        pixels = cv2.imdecode(np.frombuffer(self.picture, np.uint8), cv2.IMREAD_COLOR)
        if pixels is None:
            raise WordsError('the picture of an example is damaged')
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)


def examples_of(
    answer: Answer | Sequence[Answer], network: str, counter: bool = False
) -> list[Example]:
    """
    Make an example of each segment that answers a prompt.

    :param answer: about a scene that has its image; or several
    :param network: see `Words`
    :param counter: these are not it
    :raises PromptError: when nothing answers
    :raises TextError: when the scene has no image
    """
    if not isinstance(answer, Answer):
        return [found for one in answer for found in examples_of(one, network, counter)]
    scene = answer.scene
    if getattr(scene, 'image', None) is None:
        raise TextError('this scene was kept without its image: a word is learned from pixels')
    if not len(answer):
        raise PromptError('no segment answers, so there is nothing to learn from: point at it')
    looks = looks_at(scene, answer.indices)
    return [
        replace(_cut(scene, index), counter=counter, looks={network: look})
        for index, look in zip(answer.indices.tolist(), looks)]


def looks_at(scene: Scene, indices: np.ndarray) -> list[Look]:
    """What segments look like, and how much anything else beside them looks like them."""
    vectors = rounded(appearance(scene))
    masks = small_masks(scene.run_table(), Grid(scene.height, scene.width))
    areas = np.array([mask.area for mask in masks])
    looks = []
    for index in indices.tolist():
        others = shared(masks[index], masks) <= APART * np.minimum(areas, areas[index])
        others[indices] = False
        likeness = (vectors @ vectors[index])[others]
        looks.append(Look(vectors[index], float(np.clip(likeness.max(initial=0), 0, 1))))
    return looks


def rounded(vectors: np.ndarray) -> np.ndarray:
    """Vectors as a file holds them, so that nothing changes when it is read."""
    return vectors.astype(np.float16).astype(np.float32)


def learn_again(example: Example, network: str, model: Callable[[np.ndarray], Scene]) -> Example:
    """
    Look at an example with another network.

    :param network: its key, see `Words`
    :param model: it
    :return: with that network's look; as it was where it does not find the thing
    """
    canvas = np.full((*example.size, 3), GREY, np.uint8)
    (x, y), pixels = example.corner, example.pixels()
    canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
    scene = model(canvas)
    index = _best(scene, replace(example.mask, x=example.mask.x + x, y=example.mask.y + y))
    if index is None:
        return example
    (look,) = looks_at(scene, np.array([index]))
    return replace(example, looks={**example.looks, network: look})


def _best(scene: Scene, runs: RunLengths) -> int | None:
    """Whichever segment is a mask; None: none is."""
    if not len(scene):
        return None
    wanted = np.zeros((scene.height, scene.width), bool)
    wanted[runs.window] = runs.mask()
    shared = np.array([np.count_nonzero(wanted[r.window] & r.mask()) for r in scene.runs])
    ious = shared / (scene.areas + runs.area - shared)
    return int(ious.argmax()) if ious.max() >= SAME else None


def _cut(scene: Scene, index: int) -> Example:
    """A segment's picture with its surroundings, at a size that any network would see it in."""
    image, (run,) = scene.image, scene.run_lengths([index])
    factor = -(-max(image.shape[:2]) // LONGEST)
    if factor > 1:
        image, run = _shrunk(image, run, factor)
    height, width = image.shape[:2]
    x0, x1 = _around(run.x, run.width, width)
    y0, y1 = _around(run.y, run.height, height)
    _, data = cv2.imencode(
        '.jpg', cv2.cvtColor(contiguous(image[y0:y1, x0:x1]), cv2.COLOR_RGB2BGR),
        JPEG)
    mask = replace(run, x=run.x - x0, y=run.y - y0)
    return Example(data.tobytes(), mask, (x0, y0), (height, width))


def _shrunk(image: np.ndarray, run: RunLengths, factor: int) -> tuple[np.ndarray, RunLengths]:
    height, width = (max(side // factor, 1) for side in image.shape[:2])
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[run.window] = run.mask()
    small = cv2.resize(mask * 255, (width, height), interpolation=cv2.INTER_AREA)
    shown = small > min(127, int(small.max()) - 1)
    picture = cv2.resize(contiguous(image), (width, height), interpolation=cv2.INTER_AREA)
    return picture, RunLengths.from_mask(shown)


def _around(start: int, length: int, limit: int) -> tuple[int, int]:
    margin = round(length * MARGIN)
    return max(start - margin, 0), min(start + length + margin, limit)
