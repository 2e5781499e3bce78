# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Networks from files: what a file may say about itself, and what comes back of it."""

import pytest
from safetensors.torch import load_file, save_file
import torch

from fastsam_ros.backends.checkpoints import build, load_module
from fastsam_ros.core.errors import ModelError

EVIL = 'activation: open("ran", "w").close() or torch.nn.SiLU()\nhead: []\nbackbone: []\n'


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize('name', ['evil.yaml', 'evil/yolov8n-seg.yaml', 'yolov8n.yaml', ''])
def test_a_file_names_no_other_architecture(name, weights, elsewhere):
    """Ultralytics reads whatever file a name stands for, and runs what it finds in it."""
    for file in (elsewhere / 'evil.yaml', elsewhere / 'evil' / 'yolov8n-seg.yaml'):
        file.parent.mkdir(exist_ok=True)
        file.write_text(EVIL)
    save_file(load_file(weights), 'other.safetensors', {'yaml': name})
    with pytest.raises(ModelError, match='no architecture of FastSAM'):
        load_module(elsewhere / 'other.safetensors')
    assert not (elsewhere / 'ran').exists()


def test_the_current_folder_says_nothing_about_architectures(weights, elsewhere):
    (elsewhere / 'yolov8n-seg.yaml').write_text(EVIL)
    (elsewhere / 'yolov8-seg.yaml').write_text(EVIL)
    load_module(weights)
    assert not (elsewhere / 'ran').exists()


@pytest.mark.parametrize(('size', 'channels'), [('n', 16), ('s', 32)])
def test_the_letter_is_the_size(size, channels):
    network = build(f'yolov8{size}-seg.yaml', 1)
    assert network.model[0].conv.out_channels == channels


@torch.no_grad()
def test_as_many_distances_a_side_as_the_weights_have(tmp_path):
    """FastSAM's own networks have not as many as ultralytics'."""
    torch.manual_seed(0)
    network = build('yolov8n-seg.yaml', 1, bins=26).eval()
    assert network.model[-1].cv2[0][-1].out_channels == 4 * 26
    path = tmp_path / 'network.safetensors'
    save_file(network.state_dict(), path, {'yaml': 'yolov8n-seg.yaml'})
    image = torch.rand(1, 3, 64, 96)
    (got, _), (expected, _) = load_module(path)(image), network(image)
    torch.testing.assert_close(got, expected)


def test_weights_without_a_head(tmp_path):
    path = tmp_path / 'no.safetensors'
    save_file({'model.0.conv.weight': torch.zeros(16, 3, 3, 3)}, path)
    with pytest.raises(ModelError, match='no segmentation head'):
        load_module(path)
