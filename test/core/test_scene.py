# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A scene's masks in all their forms agree with one another."""

import os
from pathlib import Path
import subprocess
import sys

import numpy as np

ROOT = Path(__file__).parents[2]


def test_run_lengths_areas_and_masks_agree(scene):
    masks = scene.masks()
    assert masks.shape == (len(scene), 512, 512)
    np.testing.assert_array_equal(scene.areas, masks.sum(axis=(1, 2)))
    for mask, runs in zip(masks, scene.run_lengths()):
        assert mask[runs.window].sum() == runs.area == mask.sum()
        np.testing.assert_array_equal(mask[runs.window], runs.mask())


def test_every_segment_shows_a_pixel(scene):
    assert len(scene) > 10
    assert (scene.areas > 0).all()


def test_masks_stay_inside_their_boxes(scene):
    for box, runs in zip(scene.boxes, scene.run_lengths()):
        assert box[0] <= runs.x
        assert box[1] <= runs.y
        assert runs.x + runs.width <= np.ceil(box[2])
        assert runs.y + runs.height <= np.ceil(box[3])


def test_some_masks_are_those_of_all(scene):
    some = [3, 0, 3]
    np.testing.assert_array_equal(scene.compact().masks(some), scene.masks()[some])


def test_label_map_has_the_smallest_on_top(scene):
    order = np.argsort(-scene.areas, kind='stable')
    expected = np.zeros((512, 512), np.uint16)
    for number, mask in enumerate(scene.masks(order), 1):
        expected[mask] = number
    np.testing.assert_array_equal(scene.label_map(order), expected)


def test_label_map_numbers_the_scenes_own_order_by_default(scene):
    labels = scene.label_map()
    smallest = int(np.argmin(scene.areas))
    assert (labels[scene.masks([smallest])[0]] == smallest + 1).all()


def test_select_keeps_what_was_decoded(scene):
    picked = scene.select(np.array([4, 1]))
    np.testing.assert_array_equal(picked.scores, scene.scores[[4, 1]])
    np.testing.assert_array_equal(picked.masks(), scene.masks([4, 1]))


# In a process of its own, which gives back what it does not use: other tests' threads take memory
# meanwhile, and what was kept from the first run would hide what the second one takes.
PROGRAM = """
import numpy as np
from skimage.data import astronaut
from benchmark.memory import peak
from fastsam_ros.fastsam import FastSam
scene = FastSam(device='cpu', precision='fp32', confidence=0.1)(
    np.tile(astronaut(), (3, 4, 1))[:1080, :1920])
print(len(scene), peak(lambda: scene.compact().run_lengths()))
"""


def test_decoding_needs_little_memory():
    said = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True, cwd=ROOT,
        env={**os.environ, 'MALLOC_MMAP_THRESHOLD_': '65536'})
    count, megabytes = map(float, said.stdout.split())
    assert count >= 50
    assert megabytes < 50
