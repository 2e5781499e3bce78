# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Made-up pictures and an untrained network for the tests of training."""

from __future__ import annotations

from pathlib import Path

from made_pictures import make_coco, make_partitions
import pytest
import torch


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A folder in COCO's format."""
    return make_coco(tmp_path / 'coco')


@pytest.fixture
def partitions(tmp_path: Path) -> Path:
    """A folder of annotators' partitions."""
    return make_partitions(tmp_path / 'partitions')


@pytest.fixture(scope='session')
def many_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network with four classes."""
    from fastsam_ros.backends.checkpoints import build
    from training import weights
    from training.network import Network

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp('start') / 'many.safetensors'
    weights.save(Network(build('yolov8n-seg.yaml', 4)), path, {})
    return path
