# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Segments painted over the image they came from: one look for files, `~/overlay` and the page.

The picture shows every segment as a fill, the fainter the larger it is, and a line along its
edge, smaller segments on top. Colours go with ids, so an object keeps its colour while it is
followed. `style.py` has the numbers; the page draws by the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from fastsam_ros.core.errors import ImageError, ParameterError
from fastsam_ros.core.images import copy_pixels
from fastsam_ros.core.masks.run_lengths import RunLengths, label_map, look_up
from fastsam_ros.drawing.captions import caption, write_captions
from fastsam_ros.drawing.outlines import outlines
from fastsam_ros.drawing.palette import colour, colours
from fastsam_ros.drawing.style import STYLE

__all__ = ['colour', 'colours', 'draw', 'label_map']

BAND = 64  # rows that are painted at once: what is made of them stays in the cache


def draw(
    image: np.ndarray,
    run_lengths: Sequence[RunLengths],
    ids: Sequence[int],
    labels: Sequence[str] | None = None,
    scores: Sequence[float] | None = None,
    opacity: float = STYLE.opacity,
) -> np.ndarray:
    """
    Paint segments over an image.

    :param image: (H, W, 3) uint8 RGB, any strides; it is left as it is
    :param run_lengths: N masks, in any order
    :param ids: N numbers, at least 0, that decide the colours
    :param labels: N texts to write beside the segments, '' for none
    :param scores: N numbers, 0 to 1, written after the labels
    :param opacity: of a small segment's fill, 0 (lines only) to 1; that of large ones is lower
    :return: (H, W, 3) uint8 RGB, contiguous; what is farther than a line's width from all masks
        and texts is unchanged
    :raises ImageError: when the image has another shape or type
    :raises ParameterError: when the lists differ in length or the opacity is out of its range
    """
    _check(image, len(run_lengths), ids, labels, scores, opacity)
    picture = np.empty(image.shape, np.uint8)
    copy_pixels(image, picture)
    if not len(run_lengths):
        return picture
    # Largest first, so that of two segments the smaller one has the higher rank.
    order = sorted(range(len(run_lengths)), key=lambda n: -run_lengths[n].area)
    ordered, tints = [run_lengths[n] for n in order], colours(ids)
    ranks = label_map(ordered, *image.shape[:2])
    _paint(picture, ranks, ordered, tints[order], opacity)
    if labels is not None or scores is not None:
        write_captions(picture, run_lengths, _texts(len(ids), labels, scores), tints)
    return picture


def _paint(
    picture: np.ndarray, ranks: np.ndarray, ordered: Sequence[RunLengths], tints: np.ndarray,
    opacity: float,
) -> None:
    """Fill the segments and draw lines around them."""
    fills = np.array([0, *(
        STYLE.fill_opacity(runs.area, ranks.size, opacity) for runs in ordered)])[:, None]
    tints = np.concatenate([np.zeros((1, 3)), tints])
    paint, kept = _bytes(tints * fills), _bytes(255 * (1 - fills[:, 0]))
    light = _bytes(tints + (255 - tints) * STYLE.line_light)
    owners, lined = outlines(ranks, ordered)
    for top in range(0, len(picture), BAND):
        band = slice(top, top + BAND)
        rank, owner, line = ranks[band], owners[band], lined[band]
        rest = cv2.bitwise_not(line)
        left = _share(look_up(rank, kept), rest)
        # Plane by plane, as three at once cost twice as much to bring together.
        paints = [cv2.add(_share(look_up(rank, fill), rest), _share(look_up(owner, bright), line))
                  for fill, bright in zip(paint.T, light.T)]
        cv2.multiply(picture[band], cv2.merge([left] * 3), dst=picture[band], scale=1 / 255)
        cv2.add(picture[band], cv2.merge(paints), dst=picture[band])


def _share(values: np.ndarray, parts: np.ndarray) -> np.ndarray:
    """Values times parts, 0 to 255, of a whole."""
    return cv2.multiply(values, parts, scale=1 / 255)


def _bytes(values: np.ndarray) -> np.ndarray:
    return values.round().astype(np.uint8)


def _texts(count: int, labels: Sequence[str] | None, scores: Sequence[float] | None) -> list[str]:
    words = labels if labels is not None else [''] * count
    return [caption(*one) for one in zip(words, scores if scores is not None else [None] * count)]


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
