# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Films that are hard to follow, made of sequences whose thing is known; always the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

import cv2
import numpy as np

LENGTH = 50  # frames
COVERED = 13  # frames that the board covers all of the thing
SLIDE = 14  # frames in which it comes, and goes
WOOD, STONE = (150, 112, 74), (128, 124, 118)  # RGB
REST, TURN, GONE = 0.2, 0.25, 0.1  # of a film: before anything happens, the way out, outside

Frame = tuple[np.ndarray, np.ndarray]  # an image (H, W, 3) uint8 RGB and the thing (H, W) bool
Box = tuple[int, int, int, int]  # x0, y0, x1, y1


@dataclass(frozen=True)
class Shot:
    """
    A frame of a film.

    :param image: (H, W, 3) uint8 RGB
    :param truth: (H, W) bool, what is seen of the thing
    :param share: of the thing that is seen, 0 to 1
    """

    image: np.ndarray
    truth: np.ndarray
    share: float


def plain(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """The sequence as it is, all of it."""
    return [Shot(image, truth, 1.0) for image, truth in frames]


def poles(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """Poles of stone, as wide as a quarter of the thing and one and a half apart, pass by."""
    x0, _, x1, _ = box_of(frames[0][1])
    height, width = frames[0][1].shape
    thick, apart = (x1 - x0) // 4, (x1 - x0) * 3 // 2
    stone, shots = texture(height, thick, STONE), []
    for number, (image, thing) in enumerate(frames[:LENGTH]):
        image, truth = image.copy(), thing.copy()
        first = (x1 + thick // 2 + number * (x1 - x0) // 10) % apart - apart
        for left in range(first, width, apart):
            paint(image, truth, stone, left, 0)
        shots.append(shot(image, truth, thing))
    return shots


def board(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """A board of wood comes from the left, covers the thing for a while and goes on."""
    frames = frames[:LENGTH]
    width = frames[0][1].shape[1]
    begin = (len(frames) - COVERED) // 2
    x0, y0, x1, y1 = box_of(np.any([thing for _, thing in frames[begin:][:COVERED]], axis=0))
    margin = (x1 - x0) // 16
    x0, y0, x1, y1 = x0 - margin, y0 - margin, x1 + margin, y1 + margin
    wood, shots = texture(y1 - y0, x1 - x0, WOOD), []
    for number, (image, thing) in enumerate(frames):
        image, truth = image.copy(), thing.copy()
        times = begin - SLIDE, begin, begin + COVERED - 1, begin + COVERED - 1 + SLIDE
        left = np.interp(number, times, (x0 - x1, x0, x0, width))
        paint(image, truth, wood, round(left), y0)
        shots.append(shot(image, truth, thing))
    return shots


def twin(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """A copy of the thing, a little nearer, crosses in front of it from right to left."""
    frames = frames[:LENGTH]
    x0, y0, x1, y1 = box_of(frames[0][1])
    shots = []
    for number, (image, thing) in enumerate(frames):
        way = 1.3 - 2.6 * number / (len(frames) - 1)
        x, y = round(way * (x1 - x0)), (y1 - y0) // 8
        copy = moved(thing, x, y)
        image = np.where(copy[..., None], moved(image, x, y), image)
        shots.append(shot(image, thing & ~copy, thing))
    return shots


def away(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """The camera turns away, to where another sequence is, and back."""
    frames, shots = frames[:LENGTH], []
    width = frames[0][1].shape[1]
    for number, ((image, thing), (other, _)) in enumerate(zip(frames, endless(others))):
        x = round(width * way_out(number, len(frames)))
        wide = np.hstack([image, other])[:, x : x + width]
        shots.append(shot(np.ascontiguousarray(wide), moved(thing, -x, 0), thing))
    return shots


def leaves(frames: Sequence[Frame], others: Sequence[Frame]) -> list[Shot]:
    """The thing, put into another sequence, leaves the picture to the right and comes back."""
    frames, shots = frames[:LENGTH], []
    width, left = frames[0][1].shape[1], min(box_of(thing)[0] for _, thing in frames)
    for number, ((image, thing), (other, _)) in enumerate(zip(frames, endless(others))):
        x = round((width - left) * way_out(number, len(frames)))
        truth = moved(thing, x, 0)
        shots.append(shot(np.where(truth[..., None], moved(image, x, 0), other), truth, thing))
    return shots


FILMS: dict[str, Callable[[Sequence[Frame], Sequence[Frame]], list[Shot]]] = {
    'plain': plain, 'poles': poles, 'board': board, 'twin': twin, 'away': away, 'leaves': leaves}


def shot(image: np.ndarray, truth: np.ndarray, thing: np.ndarray) -> Shot:
    """A frame in which some of a thing is seen."""
    return Shot(image, truth, np.count_nonzero(truth) / max(np.count_nonzero(thing), 1))


def box_of(mask: np.ndarray) -> Box:
    """Around a mask (H, W) bool that has pixels."""
    rows, columns = np.nonzero(mask)
    return (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def way_out(number: int, count: int) -> float:
    """How far something has gone at a frame of a film, 0 to 1, when it goes and comes back."""
    times = np.cumsum([REST, TURN, GONE, TURN]) * count
    share = float(np.interp(number, times, (0, 1, 1, 0)))
    return (1 - np.cos(np.pi * share)) / 2


def endless(frames: Sequence[Frame]) -> islice:
    """A film's length of frames, to the end and back again."""
    return islice(cycle([*frames, *frames[-2:0:-1]]), LENGTH)


def moved(picture: np.ndarray, x: int, y: int) -> np.ndarray:
    """A picture or mask (H, W, ...) moved by pixels; 0 where nothing was."""
    height, width = picture.shape[:2]
    out = np.zeros_like(picture)
    out[max(y, 0) : height + y, max(x, 0) : max(width + x, 0)] = picture[
        max(-y, 0) : height - y, max(-x, 0) : max(width - x, 0)]
    return out


def paint(image: np.ndarray, truth: np.ndarray, picture: np.ndarray, x: int, y: int) -> None:
    """Put a picture over an image and what it hides out of the truth, in place."""
    height, width = picture.shape[:2]
    rows, columns = slice(max(y, 0), max(y + height, 0)), slice(max(x, 0), max(x + width, 0))
    some = image[rows, columns]
    some[:] = picture[max(-y, 0) :, max(-x, 0) :][: some.shape[0], : some.shape[1]]
    truth[rows, columns] = False


def texture(height: int, width: int, colour: tuple[int, int, int]) -> np.ndarray:
    """Coarse and fine grain of one colour: (height, width, 3) uint8."""
    random, grain = np.random.default_rng(11), np.zeros((height, width))
    for size, strength in ((32, 16), (8, 12), (2, 8)):
        coarse = random.normal(0, strength, (-(-height // size), -(-width // size)))
        grain += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.array(colour) + grain[..., None], 0, 255).astype(np.uint8)
