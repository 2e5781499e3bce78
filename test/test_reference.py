# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The same answers as ultralytics' own FastSAM, on 20 photographs, from the same .pt."""

import numpy as np
import pytest
from reference import Reference, write_checkpoint

from fastsam_ros.fastsam import FastSam

CONFIDENCE, IOU = 0.1, 0.7
CENTRE_BOX = (0.25, 0.25, 0.75, 0.75)  # of the image


@pytest.fixture(scope='module')
def both(weights, tmp_path_factory):
    """This package and ultralytics, with the same checkpoint and thresholds."""
    checkpoint = write_checkpoint(weights, tmp_path_factory.mktemp('checkpoint') / 'fastsam-n.pt')
    ours = FastSam(
        str(checkpoint), device='cpu', precision='fp32', confidence=CONFIDENCE, iou=IOU,
        trust=True)
    return ours, Reference(checkpoint, conf=CONFIDENCE, iou=IOU, max_det=300, imgsz=640)


@pytest.fixture(scope='module')
def found(both):
    """What this package finds in a picture; each goes through the network once."""
    ours, scenes = both[0], {}

    def find(name, image):
        if name not in scenes:
            scenes[name] = ours(image)
        return scenes[name]

    return find


def mask_ious(masks, others):
    """IoU of masks one to one: (N,) float."""
    return np.array([(a & b).sum() / max((a | b).sum(), 1) for a, b in zip(masks, others)])


def test_same_segments(both, found, photographs):
    _, reference = both
    ious = []
    for name, image in photographs.items():
        boxes, masks = reference(image)
        scene = found(name, image)
        assert len(scene) == len(boxes), name
        np.testing.assert_allclose(scene.boxes, boxes, atol=1, err_msg=name)
        ious.extend(mask_ious(scene.masks(), masks))
    assert len(photographs) == 20
    assert len(ious) > 100
    assert np.mean(ious) >= 0.995


@pytest.mark.parametrize('name', ['astronaut', 'coffee', 'motorcycle_left', 'rocket'])
def test_same_points(both, found, photographs, name):
    _, reference = both
    image = photographs[name]
    scene = found(name, image)
    height, width = image.shape[:2]
    points = [(width * 0.5, height * 0.5), (width * 0.3, height * 0.8), (width * 0.1, 10)]
    for labels in ([1, 1, 1], [1, 0, 1], [0, 0, 0]):
        _, expected = reference(image, points=points, labels=labels)
        answer = scene.prompt(points, labels, selection='all')
        got = scene.masks(np.sort(answer.indices))  # the reference lists by confidence
        assert len(got) == len(expected) > 0
        assert mask_ious(got, expected).mean() >= 0.995


@pytest.mark.parametrize('name', ['astronaut', 'coffee', 'motorcycle_left', 'rocket'])
def test_same_box(both, found, photographs, name):
    _, reference = both
    image = photographs[name]
    height, width = image.shape[:2]
    box = np.rint(np.array(CENTRE_BOX) * (width, height, width, height)).tolist()
    _, expected = reference(image, bboxes=[box])
    assert mask_ious([found(name, image).prompt(box=box).mask], expected).mean() >= 0.995
