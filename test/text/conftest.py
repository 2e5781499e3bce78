# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A real open_clip model, small and with weights drawn from a fixed seed."""

import json

import pytest
from small_clip import CONFIG, NAME, OTHER
import torchvision_operators


@pytest.fixture(scope='session')
def open_clip(tmp_path_factory):
    """The library, knowing the small model too."""
    pytest.importorskip('torch')
    torchvision_operators.supply()  # skips where torchvision is not installed
    library = pytest.importorskip('open_clip')
    folder = tmp_path_factory.mktemp('configs')
    for name, config in ((NAME, CONFIG), (OTHER, {**CONFIG, 'embed_dim': 16})):
        (folder / f'{name}.json').write_text(json.dumps(config))
    library.add_model_config(folder)
    return library


@pytest.fixture(scope='session')
def weights(open_clip, tmp_path_factory):
    """The small model's weights in a file."""
    from safetensors.torch import save_file
    import torch

    torch.manual_seed(0)
    model = open_clip.create_model(NAME)
    path = tmp_path_factory.mktemp('weights') / 'small.safetensors'
    save_file({name: value.clone() for name, value in model.state_dict().items()}, path)
    return path


@pytest.fixture(scope='session')
def encoder(weights):
    """The small model, loaded from its file."""
    from fastsam_ros.text import load_encoder

    return load_encoder(f'{NAME}/{weights}', 'cpu')
