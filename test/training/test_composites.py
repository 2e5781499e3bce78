# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Riders and what they ride, joined where one is on the other."""

import json
from pathlib import Path

import numpy as np
from pycocotools import mask as rle
import pytest

from training.data.composites import touch, with_composites
from training.data.samples import Sample
from training.settings import parser, pictures

BIKE = (40, 50, 100, 90)  # x0, y0, x1, y1
RIDER = (55, 20, 85, 75)


def block(x0, y0, x1, y1):
    mask = np.zeros((100, 160), np.uint8, order='F')
    mask[y0:y1, x0:x1] = 1
    return rle.encode(mask)


def labelled(**things):
    """A picture of things: boxes by names, of which numbers are left out."""
    names = tuple(name.rstrip('0123456789') for name in things)
    return Sample(Path('street.jpg'), tuple(block(*box) for box in things.values()), False, names)


def test_a_bicycle_and_who_rides_it_are_one_thing_more():
    sample = labelled(bicycle=BIKE, person=RIDER, dog=(120, 60, 150, 90))
    joined = with_composites(sample)
    assert joined.masks[:3] == sample.masks
    assert joined.names == ('bicycle', 'person', 'dog', '')
    np.testing.assert_array_equal(
        rle.decode(joined.masks[3]), rle.decode(sample.masks[0]) | rle.decode(sample.masks[1]))


def test_all_riders_of_a_thing_are_one_with_it_and_each_thing_has_its_own():
    joined = with_composites(labelled(
        motorcycle1=BIKE, person1=RIDER, person2=(70, 22, 98, 76),
        motorcycle2=(110, 50, 150, 90), person3=(115, 20, 145, 75)))
    assert [list(rle.toBbox(mask)) for mask in joined.masks[5:]] == [
        [40, 20, 60, 70], [110, 20, 40, 70]]


@pytest.mark.parametrize('person', [
    (100, 20, 130, 75),  # beside it, touching
    (88, 20, 110, 75),  # beside it for the most part
    (15, 20, 44, 95),  # before it
    (55, 10, 85, 49),  # above it
    (60, 42, 66, 53),  # far behind: small
    (55, 64, 85, 92),  # at its lower end
    (30, 10, 110, 97)])  # in the foreground: the feet are lower
def test_who_is_not_on_it_does_not_ride_it(person):
    sample = labelled(bicycle=BIKE, person=person)
    assert with_composites(sample) == sample


def test_nor_does_who_stands_before_a_narrow_thing():
    sample = labelled(bicycle=(40, 50, 60, 90), person=(45, 20, 95, 75))
    assert with_composites(sample) == sample


def test_masks_touch_within_three_pixels():
    assert touch(block(0, 0, 10, 10), block(12, 5, 20, 20))
    assert not touch(block(0, 0, 10, 10), block(13, 5, 20, 20))


def test_a_box_alone_does_not_touch():
    hollow = rle.merge([block(55, 20, 85, 40), block(0, 74, 1, 75)])
    sample = labelled(bicycle=BIKE, person=RIDER)
    sample = Sample(sample.path, (sample.masks[0], hollow), False, sample.names)
    assert with_composites(sample) == sample


@pytest.mark.parametrize('asked', [[], ['--composites']])
def test_a_run_learns_them_when_it_is_told_to(asked, tmp_path):
    shapes = [[[x0, y0, x1, y0, x1, y1, x0, y1]] for x0, y0, x1, y1 in (BIKE, RIDER)]
    (tmp_path / 'instances.json').write_text(json.dumps({
        'images': [{'id': 1, 'file_name': 'a.jpg', 'height': 100, 'width': 160}],
        'annotations': [
            {'image_id': 1, 'segmentation': shape, 'name': name}
            for shape, name in zip(shapes, ('bicycle', 'person'))]}))
    told = ['--data', str(tmp_path), '--start', 'x', '--out', 'y', *asked]
    [sample] = pictures(parser().parse_args(told))
    assert len(sample.masks) == len(sample.names) == 2 + len(asked)


@pytest.mark.parametrize('names', [(), ('bicycle', ''), ('car', 'person')])
def test_without_names_of_both_nobody_rides(names):
    sample = labelled(bicycle=BIKE, person=RIDER)
    sample = Sample(sample.path, sample.masks, False, names)
    assert with_composites(sample) == sample
