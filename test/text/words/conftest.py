# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Words of a file of the test's own."""

from pathlib import Path

from made_scene import made_scene
from made_words import BLUE, BOXES, GREEN, RED
import pytest

from fastsam_ros.text.words.store import Words


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """What stands for a network's file."""
    path = tmp_path / 'network.onnx'
    path.write_bytes(b'some network')
    return path


@pytest.fixture
def words(tmp_path: Path, network: Path) -> Words:
    """No words yet."""
    return Words(tmp_path / 'data' / 'words.zip', network)


@pytest.fixture
def scene():
    """A red, a green and a blue box."""
    return made_scene(BOXES, [RED, GREEN, BLUE])
