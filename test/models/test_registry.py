# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which file a name stands for, and whether it may be loaded."""

from dataclasses import replace
import hashlib
import re
import zipfile

import pytest

from fastsam_ros.core.errors import ModelError, UntrustedModelError
from fastsam_ros.models import registry
from fastsam_ros.models.published import ALIASES, PUBLISHED


@pytest.fixture(autouse=True)
def models_folder(tmp_path, monkeypatch):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path / 'models'))
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'models').mkdir()
    return tmp_path / 'models'


def checkpoint(path, content=b'weights'):
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('archive/data.pkl', content)
    return path


def publish(monkeypatch, name, path, **changes):
    """Pretend that `path` is what was published under `name`."""
    facts = {'sha256': registry.sha256(path), 'size': path.stat().st_size, **changes}
    model = replace(PUBLISHED['FastSAM-s.pt'], name=name, file=name, **facts)
    monkeypatch.setattr(registry, 'PUBLISHED', {name: model})
    return model


def test_every_published_model_is_complete():
    for name, model in PUBLISHED.items():
        assert model.name == name
        assert model.url.startswith('https://')
        assert model.sha256 is None or re.fullmatch('[0-9a-f]{64}', model.sha256)
        assert model.kind in ('segment', 'text', 'tokenizer')
        assert bool(model.architecture) == (model.kind == 'text')
        assert set(model.needs) <= set(PUBLISHED)
    assert set(ALIASES.values()) <= set(PUBLISHED)
    assert len({model.file for model in PUBLISHED.values()}) == len(PUBLISHED)


def test_folder_follows_the_environment(monkeypatch, tmp_path):
    assert registry.folder() == tmp_path / 'models'
    monkeypatch.delenv('FASTSAM_MODELS')
    monkeypatch.setenv('XDG_CACHE_HOME', '/cache')
    assert str(registry.folder()) == '/cache/fastsam_ros'
    monkeypatch.delenv('XDG_CACHE_HOME')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert registry.folder() == tmp_path / '.cache' / 'fastsam_ros'


@pytest.mark.parametrize('name', ['', 'fastsam-n', 'fastsam-n.onnx'])
def test_no_name_is_the_model_that_ships(name, monkeypatch, tmp_path):
    (tmp_path / 'fastsam-n.onnx').write_bytes(b'model')
    monkeypatch.setattr(registry, '__file__', str(tmp_path / 'registry.py'))
    assert registry.resolve(name) == tmp_path / 'fastsam-n.onnx'


def test_a_missing_shipped_model_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, '__file__', str(tmp_path / 'registry.py'))
    with pytest.raises(ModelError, match='incomplete'):
        registry.resolve('')


@pytest.mark.parametrize('name', ['FastSAM-x.pt', 'FastSAM.pt', 'FastSAM', 'FastSAM-x'])
def test_a_published_name_is_found_where_it_was_fetched(name, models_folder):
    with pytest.raises(ModelError, match=r'fastsam models get FastSAM-x\.pt'):
        registry.resolve(name)
    path = checkpoint(models_folder / 'FastSAM-x.pt')
    assert registry.resolve(name) == path
    assert registry.installed(name) == path


def test_a_published_name_in_the_current_folder_counts(tmp_path):
    checkpoint(tmp_path / 'FastSAM-s.pt')
    assert registry.resolve('FastSAM-s.pt').samefile(tmp_path / 'FastSAM-s.pt')


def test_a_path_is_itself_and_a_folder_too(tmp_path):
    assert registry.resolve(tmp_path) == tmp_path
    path = checkpoint(tmp_path / 'mine.pt')
    assert registry.resolve(str(path)) == path


def test_a_missing_path_suggests_a_name(tmp_path):
    with pytest.raises(ModelError, match=r'Did you mean FastSAM-s\.pt\?'):
        registry.resolve(tmp_path / 'FastSM-s.pt')
    with pytest.raises(ModelError, match='Known names'):
        registry.lookup('nothing like it')


def test_a_pickle_of_a_stranger_is_refused_with_its_sha256(tmp_path):
    path = checkpoint(tmp_path / 'mine.pt')
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(UntrustedModelError, match=digest):
        registry.check_trust(path, False)
    registry.check_trust(path, True)


def test_a_published_checkpoint_needs_no_trust_whatever_its_name(tmp_path, monkeypatch):
    path = checkpoint(tmp_path / 'renamed.pt')
    publish(monkeypatch, 'FastSAM-s.pt', path)
    registry.check_trust(path, False)
    checkpoint(path, b'tampered')
    with pytest.raises(UntrustedModelError):
        registry.check_trust(path, False)


@pytest.mark.parametrize('name', ['model.onnx', 'model.xml', 'model.engine', 'm.safetensors'])
def test_formats_that_cannot_run_code_pass(name, tmp_path):
    registry.check_trust(tmp_path / name, False)


@pytest.mark.parametrize('trust', [False, True])
def test_what_is_no_checkpoint_is_refused_even_when_trusted(trust, tmp_path):
    whole = checkpoint(tmp_path / 'whole.pt', b'x' * 1000).read_bytes()
    cases = {'cut.pt': whole[: len(whole) // 2], 'empty.pt': b'', 'page.pt': b'<html>'}
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelError, match=re.escape(name)):
            registry.check_trust(tmp_path / name, trust)
    with zipfile.ZipFile(tmp_path / 'other.pt', 'w') as archive:
        archive.writestr('readme.txt', 'hello')
    with pytest.raises(ModelError, match='not a PyTorch checkpoint'):
        registry.check_trust(tmp_path / 'other.pt', trust)
    with pytest.raises(ModelError, match='no model file'):
        registry.check_trust(tmp_path / 'missing.pt', trust)


def test_verify_tells_sound_damaged_and_missing_apart(models_folder, monkeypatch):
    path = checkpoint(models_folder / 'a.pt')
    publish(monkeypatch, 'a.pt', path)
    assert registry.verify('a.pt') is True
    content = path.read_bytes()
    path.write_bytes(b'X' + content[1:])
    with pytest.raises(ModelError, match='SHA-256'):
        registry.verify('a.pt')
    path.write_bytes(content[:-1])
    with pytest.raises(ModelError, match='bytes'):
        registry.verify('a.pt')
    path.unlink()
    with pytest.raises(ModelError, match='fastsam models get'):
        registry.verify('a.pt')


def test_verify_says_when_nobody_vouches(models_folder, monkeypatch):
    publish(monkeypatch, 'a.pt', checkpoint(models_folder / 'a.pt'), sha256=None)
    assert registry.verify('a.pt') is False
