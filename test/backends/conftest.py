# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An engine's file, and the network that it would be built from."""

import json

from engine_note import NOTE
import pytest
import torch

from fastsam_ros.backends.tensorrt.note import note_of
from fastsam_ros.backends.torch import TorchBackend


@pytest.fixture
def engine(tmp_path):
    """An engine's file with its note."""
    path = tmp_path / 'network.engine'
    path.write_bytes(b'engine')
    note_of(path).write_text(json.dumps(NOTE))
    return path


@pytest.fixture
def network(weights):
    """The network that ships, in torch."""
    return TorchBackend(weights, torch.device('cpu'), 'fp32')
