# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scenes as bytes, for runs that go on."""

from io import BytesIO
import zlib

import numpy as np
import pytest

from fastsam_ros.media.scenes import pack_scene, unpack_scene

FIELDS = 'extents', 'scores', 'coefficients', 'name_scores'


def test_all_that_following_asks_a_scene_is_kept(scene):
    back = unpack_scene(pack_scene(scene, masks=True))
    for name in FIELDS:
        kept, given = getattr(back, name), getattr(scene, name)
        assert kept.dtype == given.dtype
        np.testing.assert_array_equal(kept, given)
    assert (back.letterbox, back.confident) == (scene.letterbox, scene.confident)
    np.testing.assert_array_equal(back.masks(), scene.masks())
    np.testing.assert_array_equal(back.areas, scene.areas)


def test_masks_that_nobody_needs_are_left_out(scene):
    small, whole = (pack_scene(scene, masks) for masks in (False, True))
    assert len(small) < len(whole)
    back = unpack_scene(small)
    assert len(back) == len(scene) and not back.areas.any()


def test_a_run_goes_on_whose_journal_an_earlier_version_wrote(scene):
    with np.load(BytesIO(zlib.decompress(pack_scene(scene, masks=False)))) as arrays:
        kept = {name: arrays[name] for name in arrays.files}
    kept['boxes'] = np.empty(0, np.int64)  # it had no columns where there was no mask
    np.savez(buffer := BytesIO(), **kept)
    back = unpack_scene(zlib.compress(buffer.getvalue()))
    assert len(back) == len(scene) and not back.areas.any()


@pytest.mark.parametrize('masks', [True, False])
def test_an_empty_scene(scene, masks):
    assert len(unpack_scene(pack_scene(scene.select([]), masks))) == 0
