# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was asked can be seen on the picture, and what is wanted told from what is not."""

import numpy as np

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


def test_everything_and_text_leave_the_picture_alone():
    assert (marked() == 90).all()
    assert (marked(text='cup') == 90).all()
