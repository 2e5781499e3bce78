# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Edges of masks, and how they are compared with what people drew."""

import numpy as np
import pytest

from fastsam_ros.evaluate import edges

pytest.importorskip('scipy')


def line(column, shape=(60, 80)):
    drawn = np.zeros(shape, bool)
    drawn[:, column] = True
    return drawn


def test_regions_meet_at_one_pixel_wide_boundaries():
    partition = np.zeros((4, 4), np.uint8)
    partition[:, 2:] = 1
    assert edges.boundaries(partition).tolist() == [[False, True, False, False]] * 4


def test_equal_edges_match_wholly_and_far_ones_not():
    same = np.argwhere(line(30))
    assert len(edges.match(same, same, 0.75)) == 60
    assert len(edges.match(same, np.argwhere(line(31)), 0.75)) == 0
    assert len(edges.match(same, same[:10], 5.0)) == 10  # each pixel has one partner at most
    assert len(edges.match(same[:0], same, 5.0)) == 0


def test_a_perfect_detector_and_one_that_sees_half(monkeypatch):
    found = line(30).astype(np.float32)
    table = edges.compare(found, [line(30)])
    assert edges.scores(table[None]) == {'ODS': 1.0, 'OIS': 1.0, 'AP': pytest.approx(0, abs=1)}
    half = found.copy()
    half[30:] = 0
    assert edges.scores(edges.compare(half, [line(30)])[None])['ODS'] == pytest.approx(2 / 3)


def test_one_threshold_for_all_is_no_better_than_one_for_each():
    noise = np.zeros((60, 80), np.float32)
    noise[:, 70] = 0.3
    strong = np.maximum(line(30).astype(np.float32), noise)  # right above 0.3
    weak = 0.2 * line(30).astype(np.float32)  # right below
    tables = np.array([edges.compare(e, [line(30)]) for e in (strong, weak)])
    found = edges.scores(tables)
    assert found['ODS'] < 0.9 < found['OIS'] == pytest.approx(1)


def test_any_annotator_makes_an_edge_right():
    table = edges.compare(line(30).astype(np.float32), [line(30), line(60)])
    assert table[5].tolist() == [60, 120, 60, 60]
