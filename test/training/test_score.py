# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Scores of segments that are known."""

from types import SimpleNamespace

import numpy as np
import pytest

from fastsam_ros.core.run_lengths import RunLengths
from training.covering import covering
from training.samples import read_folder, read_image
from training.score import score_folder


def run_lengths(rows, columns, shape=(4, 4)):
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return RunLengths.from_mask(mask)


def test_covering_by_hand():
    partition = np.ones((4, 4), np.uint8)
    partition[:, 3] = 2  # areas 12 and 4
    segments = [
        run_lengths(slice(None), slice(0, 2)),  # IoU 8/12 with the first, 0 with the second
        run_lengths(slice(0, 2), slice(3, 4)),  # IoU 2/4 with the second
        run_lengths(slice(None), slice(None))]  # IoU 12/16 and 4/16
    assert covering(segments, partition) == pytest.approx((12 * 0.75 + 4 * 0.5) / 16)
    assert covering([], partition) == 0
    assert covering(segments[:1], partition) == pytest.approx(12 * (8 / 12) / 16)


class Oracle:
    """Finds what the labels of a folder say, for whichever picture it is shown."""

    def __init__(self, folder):
        from pycocotools import mask as rle

        self.known = [
            (sample.image(), [rle.decode(mask).astype(bool) for mask in sample.masks])
            for sample in read_folder(folder)]

    def __call__(self, image):
        masks = next(m for known, m in self.known if np.array_equal(known, image))
        return SimpleNamespace(
            height=image.shape[0], width=image.shape[1], scores=np.full(len(masks), 0.5),
            run_lengths=lambda: [RunLengths.from_mask(mask) for mask in masks])


def test_finding_all_labels_scores_one(coco, partitions):
    scores = score_folder(Oracle(coco), coco)
    assert scores['AP'] == scores['AR@1000'] == scores['AR@10'] == pytest.approx(1)
    assert scores['segments'] == 1
    assert score_folder(Oracle(partitions), partitions)['covering'] == pytest.approx(1)


def test_finding_nothing_scores_zero(coco, partitions):
    def blind(image):
        return SimpleNamespace(
            height=image.shape[0], width=image.shape[1], scores=np.empty(0), run_lengths=list)

    assert score_folder(blind, coco)['AR@1000'] == 0
    assert score_folder(blind, partitions)['covering'] == 0


def test_what_is_no_picture_is_named(tmp_path):
    (tmp_path / 'broken.jpg').write_bytes(b'no picture')
    with pytest.raises(ValueError, match='broken.jpg'):
        read_image(tmp_path / 'broken.jpg')
