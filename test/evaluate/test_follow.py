# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Following, measured on a made video whose truth is known."""

import cv2
from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.core import ParameterError
from fastsam_ros.evaluate.follow import evaluate


class Model:
    """Finds the red square of a picture."""

    def __call__(self, image):
        red = (image[..., 0].astype(int) - image[..., 2] > 60).astype(np.uint8)
        x, y, width, height = cv2.boundingRect(red)
        scene = made_scene([(x, y, x + width, y + height)], [(200, 30, 30)])
        return type(scene)(**{**vars(scene), 'image': image})


def made_video(folder, step=6, count=8, gone=8):
    rng = np.random.default_rng(0)
    paper = rng.integers(100, 140, (SIZE, SIZE, 1), np.uint8).repeat(3, axis=2)
    thing = rng.integers(0, 60, (60, 60, 3), np.uint8)
    thing[..., 0] += 180
    for name in ('images', 'masks'):
        (folder / 'video' / name).mkdir(parents=True)
    for number in range(count):
        x, image, mask = 60 + step * number, paper.copy(), np.zeros((SIZE, SIZE), np.uint8)
        if number < gone:
            image[100:160, x : x + 60], mask[100:160, x : x + 60] = thing, 255
        cv2.imwrite(str(folder / f'video/images/{number:03}.png'), image[..., ::-1])
        cv2.imwrite(str(folder / f'video/masks/{number:03}.png'), mask)


def test_who_sees_every_frame_at_once_is_always_right(tmp_path):
    made_video(tmp_path)
    figures = evaluate(Model(), tmp_path).figures
    assert figures['J'] == figures['F'] == figures['oracle'] == figures['followed'] == 1
    assert figures['wrong'] == 0


def test_to_say_nothing_where_nothing_is_there_is_right(tmp_path):
    made_video(tmp_path, gone=5)
    figures = evaluate(Model(), tmp_path).figures
    assert figures['followed'] == 4 / 7
    assert figures['J'] == figures['F'] == 1
    assert figures['wrong'] == 0


def test_late_results_are_moved_to_where_the_thing_is_now(tmp_path):
    made_video(tmp_path)
    figures = evaluate(Model(), tmp_path, every=2, late=2).figures
    assert figures['J'] > figures['J, not moved'] + 0.1
    assert figures['J'] > 0.85


def test_a_folder_without_videos(tmp_path):
    with pytest.raises(ParameterError, match='images/ and masks/'):
        evaluate(Model(), tmp_path)
