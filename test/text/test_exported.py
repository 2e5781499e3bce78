# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Exported text models give what torch gives, without torch."""

from concurrent.futures import ThreadPoolExecutor
import json
import shutil
import subprocess
import sys

from command_line import contents
import numpy as np
import pytest
from small_clip import NAME

from fastsam_ros.core.errors import BackendError, ModelError, OutputError, ParameterError
from fastsam_ros.text import export_text_model, exported, load_encoder
from fastsam_ros.text.matcher import load_text_model

TEXTS = ['a photo of the yellow dog', 'two cats, 3 birds', '']


@pytest.fixture(scope='module')
def onnx(weights, tmp_path_factory):
    pytest.importorskip('onnx')
    return export_text_model(f'{NAME}/{weights}', tmp_path_factory.mktemp('exported'), 'onnx')


@pytest.fixture(scope='module', params=['onnx', 'openvino'])
def folder(request, onnx, weights, tmp_path_factory):
    if request.param == 'onnx':
        return onnx
    return export_text_model(f'{NAME}/{weights}', tmp_path_factory.mktemp('exported'))


@pytest.fixture
def crops():
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (*size, 3), np.uint8) for size in ((48, 48), (90, 40), (7, 300))]


def test_graphs_give_what_torch_gives(folder, encoder, crops):
    loaded = load_encoder(str(folder))
    assert loaded.scale == encoder.scale
    for kind, given in (('encode_images', crops), ('encode_text', TEXTS)):
        ours, expected = getattr(loaded, kind)(given), getattr(encoder, kind)(given)
        assert ours.dtype == np.float32
        assert (ours * expected).sum(axis=1).min() > 0.9995


def test_batches_of_any_size(folder, crops):
    loaded = load_encoder(str(folder))
    batch = loaded.encode_images(crops * 5)
    assert batch.shape == (15, 32)
    np.testing.assert_allclose(batch[:3], loaded.encode_images(crops), atol=2e-3)
    np.testing.assert_allclose(batch[:3], batch[3:6], atol=2e-3)


def test_no_torch_is_needed(folder):
    program = (
        'import sys\n'
        'for name in ("torch", "torchvision", "open_clip"): sys.modules[name] = None\n'
        'from fastsam_ros.text.matcher import load_text_model\n'
        'import numpy as np\n'
        f'matcher = load_text_model({str(folder)!r})\n'
        'crop = np.zeros((9, 9, 3), np.uint8)\n'
        'print(matcher.encoder.encode_images([crop]).shape, matcher.text_vectors(["dog"]).shape)\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == '(1, 32) (1, 32)', done.stderr


def test_onnx_runtime_gives_the_same(onnx, encoder, crops, monkeypatch):
    pytest.importorskip('onnxruntime')
    monkeypatch.setitem(sys.modules, 'openvino', None)  # as if it were not installed
    ours = load_encoder(str(onnx)).encode_images(crops)
    np.testing.assert_allclose(ours, encoder.encode_images(crops), atol=1e-4)


@pytest.mark.parametrize('runtime', ['openvino', 'onnxruntime'])
def test_a_run_that_fails_is_said(runtime, onnx, monkeypatch):
    pytest.importorskip(runtime)
    if runtime == 'onnxruntime':
        monkeypatch.setitem(sys.modules, 'openvino', None)
    loaded = load_encoder(str(onnx))
    monkeypatch.setattr(exported, 'resized', lambda *_: np.zeros((1, 7, 7, 3), np.uint8))
    with pytest.raises(BackendError, match='could not run'):
        loaded.encode_images([np.zeros((9, 9, 3), np.uint8)])


def test_openvinos_format_needs_openvino(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, 'openvino', None)
    for module in ('onnxruntime', 'fastsam_ros.backends.onnxruntime'):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BackendError, match='pip install openvino'):
        load_encoder(str(folder))


def test_what_is_broken_is_said(onnx, tmp_path):
    shutil.copytree(onnx, tmp_path, dirs_exist_ok=True)
    graph = tmp_path / 'image.onnx'
    whole = graph.read_bytes()
    graph.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r'image\.onnx'):
        load_encoder(str(tmp_path))
    graph.unlink()
    with pytest.raises(ModelError, match='missing'):
        load_encoder(str(tmp_path))
    graph.write_bytes(whole)
    (tmp_path / 'tokenizer.json').unlink()
    with pytest.raises(ModelError, match=r'tokenizer\.json'):
        load_encoder(str(tmp_path))


@pytest.mark.parametrize(
    'change', [{'clean': 'thoroughly'}, {'resize_mode': 'stretch'}, {'interpolation': 'nearest'}])
def test_a_card_that_makes_no_sense_is_said(change, folder, tmp_path):
    card = json.loads((folder / 'model.json').read_text())
    (tmp_path / 'model.json').write_text(json.dumps({**card, **change}))
    with pytest.raises(ModelError, match=next(iter(change.values()))):
        load_text_model(str(tmp_path))


@pytest.mark.parametrize('content', ['', '[]', '{}', '{"name": "x"}'])
def test_a_card_that_is_none_is_said(content, tmp_path):
    (tmp_path / 'model.json').write_text(content)
    with pytest.raises(ModelError, match='does not describe'):
        load_text_model(str(tmp_path))


def test_an_unknown_format_is_said(weights, tmp_path):
    with pytest.raises(ParameterError, match='tensorrt'):
        export_text_model(f'{NAME}/{weights}', tmp_path, 'tensorrt')


@pytest.mark.parametrize('device', ['toaster', 'cpu:1', 'cuda:one'])
def test_a_device_that_nobody_knows_is_said(device, onnx, monkeypatch):
    pytest.importorskip('onnxruntime')
    monkeypatch.setitem(sys.modules, 'openvino', None)
    with pytest.raises(BackendError, match=f'no device {device!r}'):
        load_encoder(str(onnx), device)


@pytest.fixture
def pools(monkeypatch):
    """Return the requests of every graph that is loaded from now on."""
    openvino_requests = pytest.importorskip('fastsam_ros.backends.openvino_requests')
    made = []

    class Noted(openvino_requests.Requests):
        def __init__(self, model):
            super().__init__(model)
            made.append(self)

    monkeypatch.setattr(openvino_requests, 'Requests', Noted)
    return made


def test_requests_are_used_again_and_results_stay(folder, crops, pools):
    loaded = load_encoder(str(folder))
    first = loaded.encode_images(crops[:1])
    before = first.copy()
    second = loaded.encode_images(crops[1:])
    np.testing.assert_array_equal(first, before)
    assert not np.allclose(first, second[:1])
    assert max(len(pool._idle) for pool in pools) == 1


def test_as_many_requests_as_callers(folder, crops, pools):
    loaded = load_encoder(str(folder))
    expected = [loaded.encode_images([crop]) for crop in crops]
    with ThreadPoolExecutor(3) as threads:
        got = list(threads.map(lambda crop: loaded.encode_images([crop]), crops * 8))
    for one, other in zip(got, expected * 8):
        np.testing.assert_allclose(one, other, atol=2e-3)
    assert 1 <= max(len(pool._idle) for pool in pools) <= 3


def test_a_device_that_is_not_there_is_said(folder):
    with pytest.raises(BackendError, match='device'):
        load_encoder(str(folder), 'NPU.7' if (folder / 'image.xml').is_file() else 'cuda')


@pytest.fixture
def wrong(encoder, monkeypatch):
    """Graphs that give something else than torch."""
    pytest.importorskip('onnx')

    class Wrong:
        def encode_images(self, crops):
            return -encoder.encode_images(crops)

    monkeypatch.setattr(exported, 'load', lambda *_: Wrong())


def test_graphs_that_differ_from_torch_are_refused(encoder, tmp_path, wrong):
    from fastsam_ros.text import export

    with pytest.raises(ModelError, match='differs from torch'):
        export.write(encoder, tmp_path, 'onnx')
    assert not list(tmp_path.iterdir())


def test_they_do_not_replace_the_model_that_is_there(encoder, onnx, tmp_path, wrong):
    from fastsam_ros.text import export

    shutil.copytree(onnx, tmp_path / 'out')
    with pytest.raises(ModelError, match='differs from torch'):
        export.write(encoder, tmp_path / 'out', 'openvino')
    assert contents(tmp_path / 'out') == contents(onnx)


def test_another_format_takes_the_place_of_a_model_and_of_nothing_else(
    weights, onnx, tmp_path
):
    shutil.copytree(onnx, tmp_path, dirs_exist_ok=True)
    (tmp_path / 'notes.txt').write_text('mine')
    export_text_model(f'{NAME}/{weights}', tmp_path, 'openvino')
    assert set(contents(tmp_path)) == {
        'model.json', 'tokenizer.json', 'image.xml', 'image.bin', 'text.xml', 'text.bin',
        'notes.txt'}
    load_encoder(str(tmp_path))


@pytest.mark.parametrize('name', [
    'model.json', 'tokenizer.json', 'image.onnx', 'text.xml', 'text.bin'])
def test_nobody_else_s_file_is_replaced_by_a_text_model(weights, tmp_path, name):
    (tmp_path / name).write_text('{"mine": 1}')
    with pytest.raises(OutputError, match=f'{name} is there already'):
        export_text_model(f'{NAME}/{weights}', tmp_path, 'onnx')
    assert contents(tmp_path) == {name: b'{"mine": 1}'}
