# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was asked can be seen on the picture, and what is wanted told from what is not."""

import numpy as np
import pytest

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.drawing.prompt_marks import mark_prompt


def marked(**prompt):
    picture = np.full((240, 320, 3), 90, np.uint8)
    mark_prompt(picture, Prompt(**prompt))
    return picture


def test_a_foreground_point_is_a_green_disc_with_a_white_rim():
    picture = marked(points=[(100, 80)]).astype(int)
    red, green, blue = picture[80, 100]
    assert green > red + 50 and green > blue + 50
    assert (picture.min(axis=2) > 200).sum() > 10, 'no rim'


def test_a_background_point_is_red():
    red, green, blue = marked(points=[(100, 80)], labels=[0]).astype(int)[80, 100]
    assert red > green + 50 and red > blue + 50


def test_each_point_is_marked_where_it_lies():
    picture = marked(points=[(40, 50), (200, 150)], labels=[1, 0])
    changed = (picture != 90).any(axis=2)
    assert changed[50, 40] and changed[150, 200]
    assert changed.sum() < 1000, 'more than two discs'


def test_a_box_is_a_frame_and_its_inside_stays():
    picture = marked(box=(50, 60, 250, 200))
    changed = (picture != 90).any(axis=2)
    for x, y in ((50, 130), (249, 130), (150, 60), (150, 199)):
        assert changed[y, x]
    assert not changed[80:180, 70:230].any()


@pytest.mark.parametrize('size, radius, rim', [
    ((240, 320), 4, 1), ((1100, 1500), 10, 3), ((2200, 3000), 20, 6)])
def test_marks_grow_with_the_picture(size, radius, rim):
    """Antialiasing adds at most a pixel on each side."""
    picture = np.full((*size, 3), 90, np.uint8)
    mark_prompt(picture, Prompt(points=[(100, 120)], box=(150, 60, 350, 200)))
    row = picture[120].astype(int)
    disc, frame = row[:140], row[140:250]
    for part, all_of_it, coloured in (
            (disc, 2 * (radius + rim) + 1, 2 * radius + 1),
            (frame, max(radius // 2, 3), max(radius // 4, 1))):
        changed = (part != 90).any(axis=1).sum()
        green = (part[:, 1] > part[:, 0] + 50).sum()
        assert all_of_it <= changed <= all_of_it + 4
        assert coloured <= green <= coloured + 2


def test_everything_and_text_leave_the_picture_alone():
    assert (marked() == 90).all()
    assert (marked(text='cup') == 90).all()
