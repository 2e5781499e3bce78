# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What OpenVINO leaves on disk is bounded, and written by one program at a time."""

import fcntl
import os

import pytest

from fastsam_ros.backends.openvino_cache import alone, cache_folder, prune


def is_free(folder):
    """Whether another program could compile for this folder now."""
    with (folder / 'lock').open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


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


def test_one_program_at_a_time_writes_there(tmp_path):
    with alone(tmp_path / 'made'):
        assert not is_free(tmp_path / 'made')
    assert is_free(tmp_path / 'made')
    with pytest.raises(ZeroDivisionError), alone(tmp_path):
        raise ZeroDivisionError
    assert is_free(tmp_path)


def test_a_folder_that_cannot_be_made_locks_nothing(tmp_path):
    (tmp_path / 'file').touch()
    entered = False
    with alone(tmp_path / 'file' / 'folder'):
        entered = True
    assert entered


def test_compiling_prunes_while_it_is_alone(monkeypatch, tmp_path):
    from compiled import compile_anew
    import numpy as np

    from fastsam_ros import models
    from fastsam_ros.backends import openvino

    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    pruned = []
    monkeypatch.setattr(
        openvino, 'prune', lambda folder: pruned.append((folder, is_free(folder))))
    monkeypatch.setattr(openvino.OpenVinoBackend, 'compile_for', compile_anew)
    backend = openvino.load(models.resolve(''), 'cpu', 'fp32')
    backend.infer(np.zeros((1, 64, 64, 3), np.uint8))
    assert pruned == [(cache_folder(), False)]
    assert list(cache_folder().glob('*.blob'))
