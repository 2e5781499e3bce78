# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is wrong with one picture of a run ends that picture alone."""

import cv2
import numpy as np
import pytest

from fastsam_ros.batch import pictures, writers


def test_a_panorama_has_edges_beside_other_pictures(fastsam, folder, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (8, 33_000, 3), np.uint8)
    cv2.imwrite(str(folder / 'wide.png'), noise)
    result = fastsam('segment', folder, '-f', 'edges', '-o', tmp_path / 'out')
    assert result.exit_code == 0, result.stderr
    written = cv2.imread(str(tmp_path / 'out' / 'wide_edges.png'), cv2.IMREAD_UNCHANGED)
    assert written.shape == (8, 33_000)
    assert (tmp_path / 'out' / 'cat_edges.png').exists()


@pytest.mark.parametrize('error', [cv2.error('too large'), MemoryError('no room')])
def test_what_cannot_be_drawn_is_its_own_failure(fastsam, folder, tmp_path, monkeypatch, error):
    def write_edges(path, scene):
        if path.name == 'cat_edges.png':
            raise error
        writers.write_edges(path, scene)

    monkeypatch.setattr(pictures, 'write_edges', write_edges)
    result = fastsam('segment', folder, '-f', 'edges', '-o', tmp_path / 'out')
    assert result.exit_code == 1 and f'cat.png: {error}' in result.stderr.replace('\n', '')
    assert (tmp_path / 'out' / 'coffee_edges.png').exists()
    assert (tmp_path / 'out' / 'more' / 'rocket_edges.png').exists()
