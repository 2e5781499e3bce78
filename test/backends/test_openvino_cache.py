# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What OpenVINO leaves on disk is bounded."""

import os

from fastsam_ros.backends.openvino_cache import cache_folder, prune


def test_the_least_recently_used_go_first(tmp_path):
    for age, name in enumerate(['newest', 'newer', 'older', 'oldest']):
        path = tmp_path / f'{name}.blob'
        path.write_bytes(bytes(100))
        os.utime(path, (1e9 - age, 1e9 - age - 50))
    (tmp_path / 'notes.txt').write_bytes(bytes(1000))  # somebody else's
    prune(tmp_path, 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        'newer.blob', 'newest.blob', 'notes.txt']
    prune(tmp_path, 250)
    assert len(list(tmp_path.iterdir())) == 3


def test_a_folder_that_is_not_there(tmp_path):
    prune(tmp_path / 'none')


def test_the_folder_is_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    assert cache_folder().is_relative_to(tmp_path)


def test_compiling_prunes(monkeypatch, tmp_path):
    import numpy as np

    from fastsam_ros import models
    from fastsam_ros.backends import openvino

    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    pruned = []
    monkeypatch.setattr(openvino, 'prune', pruned.append)
    backend = openvino.load(models.resolve(''), 'cpu', 'fp32')
    backend.infer(np.zeros((1, 64, 64, 3), np.uint8))
    assert pruned == [cache_folder()]
    assert list(cache_folder().glob('*.blob'))
