# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How surely a segment must be a part to go on as it."""

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.following.association import follow, part_of
from fastsam_ros.following.continuing import LEAST
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.view import View

QUARTER = (136, 100, 196, 160)  # IoU with the first box


def view_of(box, score, stamp):
    scene = made_scene([box], [(220, 30, 30)], scores=[score])
    return View.of(scene.image, scene, stamp, np.ones(1, np.uint32))


@pytest.mark.parametrize('beyond, index', [(0.01, 0), (-0.01, -1)])
def test_what_overlaps_little_goes_on_if_the_network_is_sure_of_it(beyond, index):
    part = part_of(view_of((100, 100, 160, 160), 0.9, 0), 0, 1)
    view = view_of(QUARTER, ((LEAST + beyond) / 0.25) ** 2, 40_000_000)
    follow([part], view, Flow.none(view.grid.shape))
    assert part.index == index
