# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Several threads that look at one frame at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.following.small_mask import MaskTable
from fastsam_ros.following.view import View

THREADS, SEGMENTS, TIMES = 3, 100, 30


@pytest.fixture(scope='module')
def scene():
    rng = np.random.default_rng(0)
    corners = rng.integers(0, SIZE // 2, (SEGMENTS, 2))
    boxes = np.concatenate([corners, corners + rng.integers(60, 160, (SEGMENTS, 2))], axis=1)
    return made_scene(boxes, rng.integers(0, 255, (SEGMENTS, 3)))


def seen(view, order, ready=None):
    """What segments look like and their masks, asked for one after the other."""
    if ready is not None:
        ready.wait()
    looks = {index: (view.looks([index])[0], view.mask(index)) for index in order}
    return [looks[index] for index in range(SEGMENTS)]


def view_of(scene):
    return View.of(scene.image, scene, 0, np.zeros(SEGMENTS, np.uint32))


def test_a_view_is_the_same_to_all_threads(scene):
    expected, rng = seen(view_of(scene), range(SEGMENTS)), np.random.default_rng(1)
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in range(TIMES):
            view, ready = view_of(scene), Barrier(THREADS)
            first = rng.permutation(SEGMENTS).tolist()
            futures = [pool.submit(seen, view, first, ready) for _ in range(THREADS)]
            for found in (future.result() for future in futures):
                for (looks, mask), (wanted, wanted_mask) in zip(found, expected):
                    np.testing.assert_array_equal(looks, wanted)
                    assert mask.box == wanted_mask.box
                    assert mask.area == wanted_mask.area
                    np.testing.assert_array_equal(mask.values, wanted_mask.values)


def test_a_mask_that_is_not_made_is_not_there():
    with pytest.raises(KeyError, match='mask 2 is not made'):
        MaskTable(3)[2]
