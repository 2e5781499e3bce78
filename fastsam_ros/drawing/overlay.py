# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Segments painted over the image they came from: one look for files, the overlay topic and the page.

The picture shows every segment as a soft fill with a crisp line along its edge, smaller segments
on top. Colours go with ids (see `colours.py`), so an object keeps its colour while it is tracked.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError, ParameterError
from fastsam_ros.core.images import copy_pixels
from fastsam_ros.core.run_lengths import RunLengths, label_map, look_up
from fastsam_ros.drawing.captions import write_captions
from fastsam_ros.drawing.palette import colour, colours

__all__ = ['colour', 'colours', 'draw', 'label_map']

LINE_SHARE = 1 / 540  # of the shorter side: the line is 1 px at VGA and 2 px at 1080p


def draw(
    image: np.ndarray,
    run_lengths: Sequence[RunLengths],
    ids: Sequence[int],
    labels: Sequence[str] | None = None,
    scores: Sequence[float] | None = None,
    opacity: float = 0.5,
) -> np.ndarray:
    """
    Paint segments over an image.

    :param image: (H, W, 3) uint8 RGB, any strides; it is left as it is
    :param run_lengths: N masks, in any order
    :param ids: N numbers, at least 0, that decide the colours
    :param labels: N texts to write beside the segments, '' for none
    :param scores: N numbers, 0 to 1, written after the labels
    :param opacity: of the fill, 0 (lines only) to 1
    :return: (H, W, 3) uint8 RGB, contiguous; what is outside all masks and texts is unchanged
    :raises ImageError: when the image has another shape or type
    :raises ParameterError: when the lists differ in length or the opacity is out of its range
    """
    _check(image, len(run_lengths), ids, labels, scores, opacity)
    picture = np.empty(image.shape, np.uint8)
    copy_pixels(image, picture)
    if not len(run_lengths):
        return picture
    tints = colours(ids)
    indices = label_map(run_lengths, *image.shape[:2])
    _fill(picture, indices, tints, opacity)
    _outline(picture, indices, tints)
    if labels is not None or scores is not None:
        write_captions(picture, run_lengths, _texts(len(ids), labels, scores), tints)
    return picture


def _fill(picture: np.ndarray, indices: np.ndarray, tints: np.ndarray, opacity: float) -> None:
    paint = look_up(indices, _with_background(tints))
    cv2.addWeighted(picture, 1 - opacity, paint, opacity, 0, dst=paint)
    cv2.copyTo(paint, indices.astype(bool).view(np.uint8), picture)


def _outline(picture: np.ndarray, indices: np.ndarray, tints: np.ndarray) -> None:
    """Draw a line along the inside of every edge that is seen."""
    reach = 1 + 2 * max(1, round(min(indices.shape) * LINE_SHARE))
    kernel = np.ones((reach, reach), np.uint8)
    # Where a neighbour differs; background is never drawn on, so its pixels are taken out again.
    edge = cv2.morphologyEx(indices, cv2.MORPH_GRADIENT, kernel).astype(bool) & (indices > 0)
    bright = look_up(indices, _with_background(tints // 2 + 128))  # halfway to white
    cv2.copyTo(bright, edge.view(np.uint8), picture)


def _with_background(tints: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros((1, 3), np.uint8), tints])


def _texts(count: int, labels: Sequence[str] | None, scores: Sequence[float] | None) -> list[str]:
    words = labels if labels is not None else [''] * count
    if scores is None:
        return list(words)
    return [f'{word} {score:.2f}'.strip() for word, score in zip(words, scores)]


def _check(image, count, ids, labels, scores, opacity) -> None:
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ImageError(
            f'the image to draw on has shape {image.shape} and type {image.dtype}; '
            'expected (height, width, 3) uint8 RGB'
        )
    for name, values in (('ids', ids), ('labels', labels), ('scores', scores)):
        if values is not None and len(values) != count:
            raise ParameterError(f'{len(values)} {name} for {count} segments; give one for each')
    if not 0 <= opacity <= 1:
        raise ParameterError(f'opacity is {opacity}; expected 0 to 1')
