# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A GPU is made ready for the sizes that come, before their first frame goes through."""

from types import SimpleNamespace

import numpy as np
import pytest

from fastsam_ros.ros.inference.engine import Engine
from fastsam_ros.ros.inference.warm_up import MOST, WarmUp


class Model:
    """What is asked of a network."""

    streams, batches = 1, True

    def __init__(self, device='cuda:0'):
        self.device, self.calls = device, []

    def warm_up(self, height, width, cameras):
        self.calls.append((height, width, cameras))

    def infer(self, images):
        self.calls.append('infer')
        return []


def images(*sizes):
    return [np.zeros((*size, 3), np.uint8) for size in sizes]


def test_each_size_once_for_all_cameras():
    model = Model()
    warm_up = WarmUp(model, 3)
    for sizes in ([(48, 64)], [(48, 64), (24, 32), (48, 64)], [(24, 32)]):
        warm_up(images(*sizes))
    assert model.calls == [(48, 64, 3), (24, 32, 3)]


@pytest.mark.parametrize('device', ['cpu', 'CPU', 'GPU'])
def test_nothing_is_recorded_elsewhere(device):
    model = Model(device)
    WarmUp(model, 1)(images((48, 64)))
    assert model.calls == []


def test_a_camera_of_many_sizes_is_not_warmed_up_for_ever():
    model = Model()
    warm_up = WarmUp(model, 1)
    for rows in range(8, 8 + 2 * MOST):
        warm_up(images((rows, 64)))
    assert len(model.calls) == MOST


def test_the_engine_warms_up_before_the_first_frame_of_a_size():
    model = Model()
    engine = Engine(model, {'front': None, 'rear': None})
    try:
        for size in ((48, 64), (48, 64), (24, 32)):
            engine._infer({'front': SimpleNamespace(picture=lambda size=size: images(size)[0])})
    finally:
        assert engine.stop()
    assert model.calls == [(48, 64, 2), 'infer', 'infer', (24, 32, 2), 'infer']
