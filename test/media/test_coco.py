# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""COCO's run lengths are those that pycocotools writes."""

import json

import numpy as np
from pycocotools import mask as coco_mask
import pytest

from fastsam_ros.core.run_lengths import RunLengths
from fastsam_ros.media import coco
from fastsam_ros.media.results import Result, Segment, pack, unpack


def masks():
    rng = np.random.default_rng(5)
    full, corner, column, row = (np.zeros((7, 9), bool) for _ in range(4))
    full[:] = corner[6, 8] = column[:, 3] = row[2] = True
    noise = [rng.random((h, w)) < p for h, w, p in ((1, 1, 1), (13, 5, 0.5), (40, 60, 0.1))]
    large = np.zeros((900, 1100), bool)
    large[5:890, 7:1090] = True
    large[100:200, 100:1000:3] = False
    return [full, corner, column, row, *noise, large, np.zeros((4, 6), bool)]


@pytest.mark.parametrize('mask', masks(), ids=lambda mask: f'{mask.shape}-{mask.sum()}')
def test_the_text_equals_that_of_pycocotools(mask):
    expected = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    made = coco.encode(RunLengths.from_mask(mask), *mask.shape)
    assert made == {'size': list(mask.shape), 'counts': expected['counts'].decode()}


def test_results_survive_packing_without_loss():
    runs = [RunLengths.from_mask(mask) for mask in masks()]
    segments = tuple(
        Segment(run, n, 0.1 * n, n % 2 - 1, 1 / 3, 'größe ' * n) for n, run in enumerate(runs)
    )
    boxes = np.random.default_rng(1).random((11, 4)).astype(np.float32)
    back = unpack(pack(Result(50, 60, segments, boxes)))
    assert (back.height, back.width, len(back)) == (50, 60, 11)
    assert np.array_equal(back.boxes, boxes)
    for one, other in zip(segments, back.segments, strict=True):
        assert np.array_equal(one.runs.counts, other.runs.counts)
        assert [getattr(one.runs, f) for f in ('x', 'y', 'width', 'height', 'area')] == [
            getattr(other.runs, f) for f in ('x', 'y', 'width', 'height', 'area')
        ]
        for field in ('id', 'score', 'prompt', 'prompt_score', 'label'):
            assert getattr(one, field) == getattr(other, field)


@pytest.mark.parametrize('count', [0, 1, 3])
def test_the_file_is_a_json_list(tmp_path, count):
    path = tmp_path / 'results.json'
    coco.write(path, ({'number': n} for n in range(count)))
    assert json.loads(path.read_text()) == [{'number': n} for n in range(count)]


def test_an_error_on_the_way_leaves_the_old_file(tmp_path):
    path = tmp_path / 'results.json'
    path.write_text('[]')

    def entries():
        yield {'number': 1}
        raise RuntimeError

    with pytest.raises(RuntimeError):
        coco.write(path, entries())
    assert path.read_text() == '[]'
    assert [p.name for p in tmp_path.iterdir()] == ['results.json']
