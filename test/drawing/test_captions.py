# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where captions lie: inside a mask with room, else around its box, each in its turn."""

import cv2
import numpy as np
import pytest
from scipy import ndimage

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing.captions import GAP, PLATE, Lettering, Place, write_captions, write_notes
from fastsam_ros.drawing.palette import colours


def places_of(size, masks, text='a'):
    picture = np.zeros((*size, 3), np.uint8)
    runs = [RunLengths.from_mask(mask) for mask in masks]
    return write_captions(picture, runs, [text] * len(masks), colours(range(len(masks))))


def room_inside(mask, width, height):
    """Say where a plate lies around the pixel that is farthest from the edge, if it fits."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    box = mask[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    depth = ndimage.distance_transform_cdt(np.pad(box, 1), metric='taxicab')[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    left, top = column - width // 2, row - height // 2
    window = box[max(top, 0):top + height + 1, max(left, 0):left + width + 1]
    if left < 0 or top < 0 or width > box.shape[1] or height > box.shape[0] or not window.all():
        return None
    return columns[0] + left, rows[0] + top


@pytest.mark.parametrize('seed', range(60))
def test_a_caption_lies_around_the_innermost_pixel_of_a_mask_where_it_fits(seed):
    """Masks of at most 48 pixels a side are looked at pixel by pixel."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:200, :200]
    mask = np.zeros((200, 200), bool)
    for _ in range(3):
        (x, y), reach = rng.integers(91, 109, 2), rng.integers(3, 15, 2)
        mask |= (abs(columns - x) < reach[0]) & (abs(rows - y) < reach[1])
    width, height, _ = Lettering.fit(200, 200).measure('a')
    (place,) = places_of((200, 200), [mask])
    assert (place.right - place.left, place.bottom - place.top) == (width, height)
    room = room_inside(mask, width, height)
    if room is None:
        room = np.flatnonzero(mask.any(axis=0))[0], np.flatnonzero(mask.any(axis=1))[0]
        room = room[0], room[1] - height - GAP  # above its box, flush with its left side
    assert (place.left, place.top) == room


@pytest.mark.parametrize('scale', [1, 3, 7])
def test_a_large_mask_is_looked_at_in_steps(scale):
    size = 200 * scale, 260 * scale
    mask = np.zeros(size, bool)
    mask[60 * scale:140 * scale, 100 * scale:180 * scale] = True
    (place,) = places_of(size, [mask])
    assert mask[place.top:place.bottom, place.left:place.right].all()
    across, down = (place.left + place.right) / 2, (place.top + place.bottom) / 2
    assert abs(across - 140 * scale) < 4 * scale and abs(down - 100 * scale) < 4 * scale


@pytest.mark.parametrize('bar', [slice(20, 100), slice(100, 180)])
def test_a_plate_that_would_stick_out_on_one_side_goes_outside(bar):
    rows, columns = np.mgrid[:200, :200]
    mask = (columns - 100) ** 2 + (rows - 100) ** 2 <= 25**2
    mask[85:116, bar] = True
    (place,) = places_of((200, 200), [mask], 'much too wide')
    assert place.bottom + GAP == np.flatnonzero(mask.any(axis=1))[0]


def test_captions_of_one_place_go_around_the_box_and_then_away_from_it():
    mask = np.zeros((400, 600), bool)
    mask[200:206, 100:500] = True  # no plate fits in
    left, top, right, bottom = 100, 200, 500, 206
    width, height, _ = Lettering.fit(400, 600).measure('a')
    away = height + GAP
    expected = [
        (left, top - away), (left, bottom + GAP), (right - width, top - away),
        (right - width, bottom + GAP),
        (left, top - 2 * away), (left, bottom + GAP + away), (right - width, top - 2 * away),
        (right - width, bottom + GAP + away),
    ]
    found = places_of((400, 600), [mask] * len(expected))
    assert [(place.left, place.top) for place in found] == expected


@pytest.mark.parametrize('left, top, overlaps', [
    (12, 0, True), (13, 0, False), (-13, 0, False), (-12, 0, True),
    (0, 12, True), (0, 13, False), (0, -13, False), (0, -12, True)])
def test_captions_keep_two_pixels_apart(left, top, overlaps):
    one, other = Place(0, 0, 11, 11), Place(left, top, left + 11, top + 11)
    assert one.overlaps(other) == other.overlaps(one) == overlaps


def test_notes_stand_below_each_other_as_long_as_they_fit():
    _, height, _ = Lettering.fit(60, 200).measure('g')
    picture = np.full((60, 200, 3), 90, np.uint8)
    write_notes(picture, ['g'] * 5)
    rows = np.flatnonzero((picture != 90).any(axis=(1, 2)))
    fitting = (60 - GAP) // (height + GAP)
    tops = [GAP + n * (height + GAP) for n in range(fitting)]
    assert 2 <= fitting < 5
    assert rows.tolist() == [row for top in tops for row in range(top, top + height)]
    assert not (picture != 90).any(axis=(0, 2))[:GAP].any(), 'they keep off the border'


def test_one_that_finds_no_place_is_left_out_and_one_without_a_text_takes_none():
    mask = np.ones((30, 40), bool)
    places = places_of((30, 40), [mask] * 6)
    assert places[0] is not None and places[-1] is None
    assert places_of((30, 40), [mask], 'wider than the picture is') == [None]
    assert places_of((30, 40), [mask], '') == [None]


@pytest.mark.parametrize('size, scale', [
    ((480, 640), 0.4), ((520, 700), 0.4), ((1080, 1920), 1080 / 1300), ((4000, 2600), 2.0),
    ((2160, 3840), 2160 / 1300)])
def test_letters_grow_with_the_picture_within_limits(size, scale):
    assert Lettering.fit(*size).scale == pytest.approx(scale)


@pytest.mark.parametrize('size, pad, thickness', [
    ((480, 640), 3, 1), ((1080, 1920), 7, 1), ((2160, 3840), 13, 2), ((4000, 4000), 16, 3)])
def test_pads_and_strokes_grow_with_the_letters(size, pad, thickness):
    lettering = Lettering.fit(*size)
    assert (lettering.pad, lettering.thickness) == (pad, thickness)


@pytest.mark.parametrize('size', [(480, 640), (1080, 1920), (2160, 3840)])
def test_text_lies_on_its_plate_beside_a_bar_of_its_colour(size):
    mask = np.ones(size, bool)
    picture = np.zeros((*size, 3), np.uint8)
    tint = (90, 0, 200)
    (place,) = write_captions(
        picture, [RunLengths.from_mask(mask)], ['Hg'], np.array([tint], np.uint8))
    plate = picture[place.top:place.bottom, place.left:place.right]
    pad = Lettering.fit(*size).pad
    assert (plate[:, :pad] == tint).all()
    blend = cv2.addWeighted(  # over black, most of it is the plate
        np.zeros((1, 1, 3), np.uint8), 0.2, np.full((1, 1, 3), PLATE, np.uint8), 0.8, 0)[0, 0]
    ink = (plate[:, pad:] != blend).any(axis=2)
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    above, below = rows[0], len(ink) - 1 - rows[-1]
    before, behind = columns[0], ink.shape[1] - 1 - columns[-1]
    # The letters' height may have room for accents, as in OpenCV 5.
    assert 1 <= above <= 1.6 * pad + 2 and 1 <= below <= pad // 2 + 1
    assert abs(before - behind) <= 1 + pad // 2 and before >= pad - 2
