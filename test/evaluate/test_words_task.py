# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Taught words, measured on made videos whose truth is known."""

from dataclasses import replace

import cv2
from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import ParameterError
from fastsam_ros.evaluate.words import ASKED, evaluate

RED, GREEN, BLUE, GREY = (200, 30, 30), (30, 180, 30), (30, 30, 200), (128, 128, 128)


class Model:
    """Finds the boxes of each strong colour."""

    def __call__(self, image):
        boxes = []
        for colour in (RED, GREEN, BLUE):
            found = (np.abs(image.astype(int) - colour).max(axis=2) < 60).astype(np.uint8)
            x, y, width, height = cv2.boundingRect(found)
            if width:
                boxes.append((x, y, x + width, y + height))
        return replace(made_scene(boxes, [GREY] * len(boxes)), image=image)


def make_video(folder, colour, others=(), gone=False):
    """A box that wanders, and others that stand; `gone`: in the second half it is not there."""
    for name in ('images', 'masks'):
        (folder / name).mkdir(parents=True)
    for number in range(ASKED + 1):
        boxes = [(10 + 10 * number, 100, 90 + 10 * number, 160)]
        boxes += [(10, 200 + 40 * n, 300, 230 + 40 * n) for n in range(len(others))]
        hidden = gone and number > ASKED // 2
        colours = [*([] if hidden else [colour]), *others]
        scene = made_scene(boxes[hidden:], colours)
        x0, y0, x1, y1 = boxes[0]
        mask = np.zeros((SIZE, SIZE), np.uint8)
        mask[y0:y1, x0:x1] = 0 if hidden else 255
        cv2.imwrite(str(folder / f'images/{number:03}.png'), scene.image[..., ::-1])
        cv2.imwrite(str(folder / f'masks/{number:03}.png'), mask)


def test_things_of_their_own_colour_are_always_found_and_nowhere_else(tmp_path):
    make_video(tmp_path / 'a', RED, [GREEN])
    make_video(tmp_path / 'b', BLUE, [GREEN])
    figures = evaluate(Model(), tmp_path).figures
    assert figures['right'] == figures['first'] == figures['unanswered'] == 1
    assert figures['frames that have it'] == 2 * ASKED
    assert figures['frames that have it, middle and last'] == 4


def test_what_another_video_shows_as_well_is_answered_there(tmp_path):
    make_video(tmp_path / 'a', RED)
    make_video(tmp_path / 'b', GREEN, [RED])
    figures = evaluate(Model(), tmp_path).figures
    assert figures['right'] == 1 and figures['unanswered'] == 0.5


def test_more_examples_add_up(tmp_path):
    make_video(tmp_path / 'a', RED)
    for number in range(ASKED // 2, ASKED + 1):  # from then on it is another colour
        place = tmp_path / f'a/images/{number:03}.png'
        cv2.imwrite(str(place), cv2.imread(str(place))[..., ::-1])
    one, more = (evaluate(Model(), tmp_path, examples=n).figures for n in (1, ASKED // 2 + 1))
    assert one['right'] < 0.5 and one['frames that have it'] == ASKED
    assert more['right'] == 1 and more['frames that have it'] == ASKED // 2


def test_frames_without_the_thing_do_not_count(tmp_path):
    make_video(tmp_path / 'a', RED, [GREEN], gone=True)
    make_video(tmp_path / 'b', BLUE)
    figures = evaluate(Model(), tmp_path).figures
    assert figures['frames that have it'] == ASKED // 2 + ASKED
    assert figures['frames that have it, middle and last'] == 3
    assert figures['right'] == figures['unanswered'] == 1


def test_a_folder_without_videos_has_no_words(tmp_path):
    with pytest.raises(ParameterError, match='images/ and masks/'):
        evaluate(Model(), tmp_path)
