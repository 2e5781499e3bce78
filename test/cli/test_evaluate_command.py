# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What `fastsam evaluate` prints beside its figures: by what protocol they were measured."""

import json

import cv2
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path, astronaut):
    """A picture that one person divided into halves."""
    for name in ('images', 'regions'):
        (tmp_path / name).mkdir()
    cv2.imwrite(str(tmp_path / 'images' / 'a.png'), astronaut[..., ::-1])
    halves = np.ones(astronaut.shape[:2], np.uint8)
    halves[:, halves.shape[1] // 2 :] = 2
    cv2.imwrite(str(tmp_path / 'regions' / 'a_0.png'), halves)
    return tmp_path


@pytest.mark.parametrize(('iou', 'suppression'), [('0.7', 'boxes and masks'), ('0.9', 'boxes')])
def test_the_protocol_says_what_suppression_compares(fastsam, folder, iou, suppression):
    settings = '--image-size', '64', '--iou', iou, '--max-segments', '20'
    result = fastsam('evaluate', str(folder), *settings, '--output', str(folder / 'a.json'))
    assert result.exit_code == 0, result.output
    assert f'NMS {iou} of {suppression}, at most 20' in ' '.join(result.stdout.split())
    assert json.loads((folder / 'a.json').read_text())['model']['suppression'] == suppression
