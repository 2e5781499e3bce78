# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Photographs on disk, and the command run in this process."""

from pathlib import Path
import sys

import cv2
import pytest
import skimage.data

sys.path.insert(0, str(Path(__file__).parent))  # app_helpers.py beside this file

from app_helpers import run_command


def small_photographs():
    """A few photographs that scikit-image ships, small: name -> (H, W, 3) uint8 RGB."""
    pictures = {'coffee': skimage.data.coffee(), 'cat': skimage.data.chelsea()}
    pictures['rocket'] = skimage.data.rocket()
    return {
        name: cv2.resize(picture, (320, 320 * picture.shape[0] // picture.shape[1]))
        for name, picture in pictures.items()
    }


@pytest.fixture(scope='session')
def photos():
    return small_photographs()


@pytest.fixture
def folder(tmp_path, photos):
    """A folder of photographs, one of them in a folder of its own."""
    base = tmp_path / 'photos'
    (base / 'more').mkdir(parents=True)
    for name, picture in photos.items():
        place = base / 'more' if name == 'rocket' else base
        assert cv2.imwrite(str(place / f'{name}.png'), picture[..., ::-1])
    return base


@pytest.fixture
def fastsam():
    """Run the command in this process; the result has .exit_code, .stdout and .stderr."""
    return run_command
