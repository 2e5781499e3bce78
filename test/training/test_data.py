# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Folders of labelled pictures, and what becomes of them on the way to the network."""

from dataclasses import replace

import cv2
import numpy as np
from pycocotools import mask as rle
from pycocotools.coco import COCO
import pytest

from training.data import regions
from training.data.augment import Jitter, move_masks, place
from training.data.batches import Epoch, collate, loader
from training.data.samples import read_coco, read_folder, read_partitions

STILL = Jitter(0, 0, 0, 0)


def test_coco_masks_are_those_of_pycocotools_in_every_notation(coco):
    truth = COCO(str(coco / 'instances.json'))
    samples = read_coco(coco)
    assert len(samples) == 3
    for index, sample in enumerate(samples):
        wanted = truth.annToMask(truth.loadAnns([index + 1])[0])
        assert len(sample.masks) == 1  # the crowd of the first picture is left out
        assert wanted.any()
        np.testing.assert_array_equal(rle.decode(sample.masks[0]), wanted)


def test_partitions_are_merged_and_complete(partitions):
    [sample] = read_partitions(partitions)
    areas = sorted(int(rle.area(mask)) for mask in sample.masks)
    assert areas == [480, 480, 960, 48 * 64 - 960]  # halves, whole, and background once
    assert sample.complete


def test_a_folder_of_neither_kind_is_refused(tmp_path):
    with pytest.raises(ValueError, match='instances.json'):
        read_folder(tmp_path)


def test_merging_keeps_the_region_that_most_agree_with():
    masks = np.zeros((4, 10, 10), np.uint8)
    masks[0, :, :8] = 1
    masks[1, :, :9] = 1  # agrees with both others
    masks[2] = 1
    masks[3, :5, :5] = 1  # a part
    coded = [rle.encode(np.asfortranarray(mask)) for mask in masks]
    kept = regions.merge(coded, threshold=0.85)
    assert [int(rle.area(mask)) for mask in kept] == [90, 25]
    assert regions.merge([]) == []


def test_tiny_regions_are_dropped():
    partition = np.ones((50, 50), np.uint8)
    partition[0, :2] = 2
    assert len(regions.split(partition)) == 1


def test_a_still_picture_is_letterboxed(coco):
    sample = read_coco(coco)[0]  # 48 x 64
    placed = place(sample, (96, 128), STILL, np.random.default_rng(0))
    doubled = cv2.resize(sample.image(), (128, 96), interpolation=cv2.INTER_LINEAR)
    assert np.abs(placed.image.astype(int) - doubled).max() <= 90  # the frame's outermost pixels
    assert np.abs(placed.image.astype(int) - doubled)[1:-1, 1:-1].max() <= 1
    np.testing.assert_array_equal(placed.boxes, [[16, 20, 80, 68]])
    assert placed.masks.shape == (1, 48, 64)
    assert placed.masks[0].sum() == 32 * 24


def test_mirrored_masks_follow_the_picture(coco):
    sample = read_coco(coco)[0]
    placed = place(sample, (48, 64), Jitter(0, 0, 1, 0), np.random.default_rng(0))
    np.testing.assert_array_equal(placed.image, sample.image()[:, ::-1])
    np.testing.assert_array_equal(placed.boxes, [[64 - 40, 10, 64 - 8, 34]])


def test_masks_that_leave_the_canvas_are_dropped(coco):
    sample = read_coco(coco)[0]
    away = np.array([[1.0, 0, 60], [0, 1, 0]])
    boxes, masks, kept = move_masks(sample.masks, away, (64, 64))
    assert boxes.shape == (0, 4) and kept == []
    assert masks.shape == (0, 32, 32)


def test_an_epoch_repeats_itself_and_the_next_one_differs(coco, partitions):
    samples = read_folder(coco) + read_folder(partitions)
    epoch = Epoch(samples, 64, Jitter(), seed=1)
    first, again = (list(loader(epoch, 2, workers=0)) for _ in range(2))
    epoch.epoch = 1
    other = list(loader(epoch, 2, workers=0))
    assert sorted(i for batch in epoch.plan(2) for i in batch) == [0, 1, 2, 3]
    assert all((a.images == b.images).all() for a, b in zip(first, again))
    sums = [sorted(int(batch.images.long().sum()) for batch in run) for run in (first, other)]
    assert sums[0] != sums[1]


def test_batches_hold_one_orientation_and_know_whose_labels_they_are(coco, partitions):
    samples = read_folder(coco) + read_folder(partitions)
    shapes = {b.images.shape[2:] for b in loader(Epoch(samples, 64, STILL, 0), 4, workers=0)}
    assert shapes == {(64, 64)}  # three quarters of 64 rounded up to 32
    examples = [place(s, (64, 64), STILL, np.random.default_rng(0)) for s in samples]
    batch = collate(examples)
    assert batch.owners.tolist() == [0, 1, 2, 3, 3, 3, 3]
    assert batch.complete.tolist() == [False, False, False, True]


def test_names_follow_their_masks_to_the_batch(coco):
    samples = read_folder(coco)
    assert [sample.names for sample in samples] == [('',), ('cup',), ('',)]
    epoch = Epoch(samples[:2], 64, STILL, 0, names=('car', 'cup'))
    batches = {b.images.shape[2:]: b.names.tolist() for b in loader(epoch, 1, workers=0)}
    assert batches in ({(64, 64): [1]}, {(64, 64): [-1]})  # both canvases are square here


def test_a_mask_that_is_dropped_takes_its_name_along(coco):
    sample = read_coco(coco)[1]
    two = replace(sample, masks=(sample.masks[0],) * 2, names=('gone', 'kept'))
    placed = place(two, (64, 64), STILL, np.random.default_rng(0))
    assert placed.names == ('gone', 'kept')
    moved = move_masks((rle.encode(np.zeros((64, 48), np.uint8, 'F')), sample.masks[0]),
                       np.eye(2, 3), (64, 64))
    assert moved[2] == [1]


def test_pictures_are_left_out_by_their_names(coco, partitions):
    assert [sample.path.name for sample in read_folder(coco, ['0*', '2.*'])] == ['1.png']
    assert read_folder(partitions, ['a.*']) == []
