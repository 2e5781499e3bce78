# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which files a text model comes from, and what is said when they are missing or wrong."""

from dataclasses import replace
import json
import socket
import sys

import numpy as np
import pytest
from small_clip import CONFIG, NAME, OTHER

from fastsam_ros import models
from fastsam_ros.core.errors import BackendError, ModelError, TextError
from fastsam_ros.models import registry
from fastsam_ros.text import load_encoder, register_encoder
from fastsam_ros.text.matcher import load_text_model

TEXTS = ['a photo of the yellow dog', 'two cats']


@pytest.fixture
def offline(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError('a connection was tried')

    monkeypatch.setattr(socket, 'create_connection', refuse)
    monkeypatch.setattr(socket.socket, 'connect', refuse)


def test_loading_needs_no_network(offline, weights):
    assert load_encoder(f'{NAME}/{weights}').encode_text(['dog']).shape == (1, 32)


def test_a_folder_with_a_configuration_and_weights(weights, encoder, tmp_path, offline):
    picture = {'size': [48, 48], 'mean': [0.5] * 3, 'std': [0.25] * 3, 'mode': 'RGB',
               'interpolation': 'bilinear', 'resize_mode': 'squash'}
    (tmp_path / 'open_clip_config.json').write_text(
        json.dumps({'model_cfg': CONFIG, 'preprocess_cfg': picture}))
    (tmp_path / 'open_clip_model.safetensors').write_bytes(weights.read_bytes())
    loaded = load_encoder(str(tmp_path))
    assert (loaded.card.mean, loaded.card.resize_mode) == ((0.5,) * 3, 'squash')
    np.testing.assert_allclose(loaded.encode_text(TEXTS), encoder.encode_text(TEXTS), atol=1e-6)
    (tmp_path / 'open_clip_config.json').write_text('{')
    with pytest.raises(ModelError, match='broken'):
        load_encoder(str(tmp_path))


def test_a_published_model_is_found_where_it_was_fetched(
    weights, tmp_path, monkeypatch, open_clip
):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    published = replace(models.PUBLISHED['ViT-B-32'], architecture=NAME)
    for module in (models, registry):
        monkeypatch.setattr(module, 'PUBLISHED', {'ViT-B-32': published})
    with pytest.raises(ModelError, match='fastsam models get ViT-B-32'):
        load_encoder('ViT-B-32')
    (tmp_path / published.file).write_bytes(weights.read_bytes())
    assert load_encoder('ViT-B-32').name == 'ViT-B-32'


def test_a_tokenizer_beside_the_weights_is_used(weights, encoder, tmp_path, open_clip, offline):
    text = {**CONFIG['text_cfg'], 'hf_tokenizer_name': 'timm/some-SigLIP2',
            'tokenizer_kwargs': {'clean': 'canonicalize'}}
    (tmp_path / 'small-siglip2.json').write_text(json.dumps({**CONFIG, 'text_cfg': text}))
    open_clip.add_model_config(tmp_path / 'small-siglip2.json')
    own = tmp_path / 'own.safetensors'
    own.write_bytes(weights.read_bytes())
    with pytest.raises(TextError, match=r'tokenizer\.json'):
        load_encoder(f'small-siglip2/{own}')
    encoder.tokenizer.vocabulary.save(str(tmp_path / 'tokenizer.json'))
    loaded = load_encoder(f'small-siglip2/{own}')
    words = encoder.tokenizer(['the dog'])[0, 1:3].tolist()
    assert loaded.tokenizer(['The, dog!'])[0, :4].tolist() == [*words, 1, 0]
    (tmp_path / 'tokenizer.json').write_text('{"broken')
    with pytest.raises(ModelError, match='no tokenizer'):
        load_encoder(f'small-siglip2/{own}')


def test_models_with_parts_on_a_hub_are_refused(weights, offline):
    with pytest.raises(TextError, match='never does'):
        load_encoder(f'roberta-ViT-B-32/{weights}')


def test_files_that_are_wrong_are_said(weights, tmp_path):
    whole = weights.read_bytes()
    (tmp_path / 'cut.safetensors').write_bytes(whole[: len(whole) // 2])
    (tmp_path / 'text.pt').write_bytes(b'hello')
    for file in ('cut.safetensors', 'text.pt'):
        with pytest.raises(ModelError, match=file):
            load_encoder(f'{NAME}/{tmp_path / file}')
    with pytest.raises(ModelError, match=OTHER):  # whole, but of another model
        load_encoder(f'{OTHER}/{weights}')
    with pytest.raises(ModelError, match='neither a folder'):
        load_encoder(f'{NAME}/missing.safetensors')


def test_a_pickle_that_runs_code_is_not_run(tmp_path, open_clip):
    import torch

    class Evil:
        def __reduce__(self):
            return (open, (str(tmp_path / 'harm'), 'w'))

    torch.save({'state_dict': Evil()}, tmp_path / 'evil.pt')
    with pytest.raises(ModelError):
        load_encoder(f'{NAME}/{tmp_path / "evil.pt"}')
    assert not (tmp_path / 'harm').exists()


def test_a_name_that_is_nothing_is_said():
    with pytest.raises(TextError, match='no text model'):
        load_encoder('nothing-of-the-kind')
    with pytest.raises(ModelError, match='neither a folder'):
        load_encoder('no/such/folder')


def test_an_architecture_that_is_none_is_said(weights):
    with pytest.raises(TextError, match='no-clip'):
        load_encoder(f'no-clip/{weights}')


def test_a_published_model_is_asked_for_before_anything_is_installed(tmp_path, monkeypatch):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    monkeypatch.setitem(sys.modules, 'fastsam_ros.text.clip', None)
    with pytest.raises(ModelError, match='fastsam models get MobileCLIP2-S0'):
        load_encoder('MobileCLIP2-S0')
    (tmp_path / 'MobileCLIP2-S0.safetensors').write_bytes(b'')
    with pytest.raises(BackendError, match='pip install'):
        load_encoder('MobileCLIP2-S0')


def test_no_name_says_how_to_get_one():
    with pytest.raises(TextError, match='fastsam models get') as caught:
        load_text_model('')
    assert 'fastsam export --text-model' in str(caught.value)


@pytest.mark.parametrize('device', ['cuda:99', 'cuda:x', 'GPU', 'nothing'])
def test_a_device_that_is_not_there_is_said(device, weights):
    with pytest.raises(BackendError, match=f'{device}.*cpu'):
        load_encoder(f'{NAME}/{weights}', device)


def test_an_encoder_of_ones_own(encoder):
    register_encoder('mine', lambda device: encoder)
    assert load_text_model('mine', threshold=0.7).threshold == 0.7
