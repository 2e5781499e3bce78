# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What several tests need: photographs, the model that ships, and the network as a .pt."""

from __future__ import annotations

from pathlib import Path
import sys

import cv2
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # helpers beside this file: reference.py and others

NAMES = [
    'astronaut', 'chelsea', 'coffee', 'rocket', 'motorcycle_left', 'motorcycle_right', 'camera',
    'coins', 'moon', 'page', 'clock_motion', 'hubble_deep_field', 'retina', 'ihc', 'cell', 'horse',
    'brick', 'grass', 'gravel', 'text']


@pytest.fixture(scope='session')
def photographs() -> dict[str, np.ndarray]:
    """The 20 photographs that scikit-image ships, (H, W, 3) uint8 RGB."""
    data = pytest.importorskip('skimage.data')
    files = {path.stem: path for path in Path(data.__file__).parent.iterdir()}
    return {name: cv2.imread(str(files[name]))[..., ::-1].copy() for name in NAMES}


@pytest.fixture(scope='session')
def astronaut(photographs: dict[str, np.ndarray]) -> np.ndarray:
    """One photograph, (512, 512, 3) uint8 RGB."""
    return photographs['astronaut']


@pytest.fixture(scope='session')
def weights() -> Path:
    """The weights of the model that ships, for torch."""
    from fastsam_ros import models

    return models.shipped('fastsam-n.safetensors')


@pytest.fixture(scope='session')
def model():
    """The model that ships, in float32, at a confidence that yields many segments."""
    from fastsam_ros.core import FastSam

    return FastSam(device='cpu', precision='fp32', confidence=0.1)


@pytest.fixture(scope='session')
def scene(model, astronaut):
    """What that model finds in a photograph."""
    return model(astronaut)
