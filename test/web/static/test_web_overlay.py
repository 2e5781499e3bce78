# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page paints what files and ~/overlay show, whatever a picture's size; in a real browser."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing.overlay import draw

PAINT = """async ([segments, size, shown, side]) => {
  const { Overlay } = await import('/picture/overlay.js');
  const { colour, fillOpacity, light, look } = await import('/picture/look.js');
  const tint = ([red, green, blue], alpha) => ({ red, green, blue, alpha });
  const tints = (of) => [tint([0, 0, 0], 0), ...segments.map(of)];
  const overlay = new Overlay(size, shown, look);
  const pixels = size.width * size.height;
  const draw = () => overlay.draw(
    segments, tints(({ id, area }) => tint(colour(id), fillOpacity(area, pixels, 0.8))),
    tints(({ id }) => tint(light(id), look.line_opacity)));
  draw(); // what is left of a drawing must not be in the next one
  const { data, width } = draw();
  return Array.from({ length: side }, (_, y) => [
    ...data.subarray(4 * y * width, 4 * (y * width + side))]).flat();
}"""


def disc(shape, x, y, radius):
    return cv2.circle(np.zeros(shape, np.uint8), (x, y), radius, 1, -1).astype(bool)


def size_of(shape):
    return {'width': shape[1], 'height': shape[0]}


def painted(page, masks, shape, side, shown=None):
    """The upper left corner over black, by the page and by Python; shown smaller, or as it is."""
    shown = shown or shape
    runs = sorted((RunLengths.from_mask(mask) for mask in masks), key=lambda run: -run.area)
    ids = [7 * n + 1 for n in range(len(runs))]
    plain = [
        {'id': n, 'x': run.x, 'y': run.y, 'width': run.width, 'height': run.height,
         'area': run.area, 'counts': run.counts.tolist()} for n, run in zip(ids, runs)]
    values = page.evaluate(PAINT, [plain, size_of(shape), size_of(shown), side])
    got = np.reshape(values, (side, side, 4))
    expected = draw(np.zeros((*shape, 3), np.uint8), runs, ids, opacity=0.8)
    if shown != shape:
        expected = cv2.resize(expected, shown[::-1], interpolation=cv2.INTER_AREA)
    return got[..., :3] * (got[..., 3:] / 255), expected[:side, :side]


def assert_alike(shown, expected):
    # But for a few pixels where lines of three segments meet.
    error = np.abs(shown - expected).max(axis=2)[3:-3, 3:-3]
    assert np.median(error) <= 2 and np.percentile(error, 97) <= 8


@pytest.mark.parametrize('shape', [
    (120, 160), (120, 161),  # rows that end with a number of 32 bits, and between two
    (1500, 1500), (2600, 2600)], ids=str)  # wider lines
def test_lines_and_fills_are_alike_at_every_size(page, shape):
    line = max(1, round(min(shape) / 1000))
    things = [(40, 40, 30), (70, 60, 25), (60, 30, 6)]
    masks = [disc(shape, *(line * value for value in thing)) for thing in things]
    masks.append(np.zeros(shape, bool))
    masks[-1][85 * line : 100 * line, 10 * line : 90 * line] = True
    shown, expected = painted(page, masks, shape, 110 * line)
    assert_alike(shown, expected)


def test_more_segments_than_bytes_tell_apart_are_painted_alike(page):
    shape = (120, 160)
    centres = [(8 * (n % 18) + 8, 7 * (n // 18) + 6) for n in range(280)]
    shown, expected = painted(page, [disc(shape, *centre, 3) for centre in centres], shape, 110)
    assert_alike(shown, expected)
    x, y = np.array([centre for centre in centres if max(centre) < 110]).T
    assert len(x) > 180 and np.abs(shown[y, x] - expected[y, x]).max() <= 8


@pytest.mark.parametrize('shown', [(334, 446), (150, 200), (420, 599)], ids=str)
def test_a_picture_that_is_painted_smaller_looks_as_from_afar(page, shown):
    shape = (600, 800)
    masks = [disc(shape, *thing) for thing in [(300, 300, 220), (420, 330, 90), (200, 150, 33)]]
    masks.append(np.zeros(shape, bool))
    masks[-1][400:480, 60:700] = True
    seen, expected = painted(page, masks, shape, min(shown), shown)
    assert_alike(seen, expected)
