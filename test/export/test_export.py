# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam export`: files that other runtimes read, and that say what their source says."""

from collections import Counter
import hashlib
import importlib.util
import json
import math
from pathlib import Path

from command_line import run_command
import cv2
import onnx
import openvino as ov
import pytest
import torch

from fastsam_ros import models
from fastsam_ros.core import BackendError, ModelError, UntrustedModelError
from fastsam_ros.export import run as export_module
from fastsam_ros.export.parity import compare, still_life
from fastsam_ros.export.request import ExportRequest, make_request
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode
from fastsam_ros.media.images import read_picture

SIZE = ('--image-size', '192')
SHIPPED = models.shipped()
WEIGHTS = models.shipped('fastsam-n.safetensors')


def exported(fastsam, folder, to, source, *arguments):
    arguments = ('--to', to, '--output', folder, '--model', source, *SIZE, *arguments)
    result = fastsam('export', *arguments, '--json')
    assert result.exit_code == 0, (result.stderr, result.exception)
    return json.loads(result.stdout)


@pytest.fixture(scope='module')
def exports(tmp_path_factory):
    """One file of each kind, exported once for all tests: kind -> what the command said of it."""
    folder = tmp_path_factory.mktemp('exports')
    sources = {'onnx': WEIGHTS, 'openvino': SHIPPED, 'torchscript': SHIPPED}
    return {to: exported(run_command, folder, to, source) for to, source in sources.items()}


@pytest.mark.parametrize('to', ['onnx', 'openvino', 'torchscript'])
def test_the_file_works_at_any_size_and_says_what_the_source_says(exports, photos, to):
    row = exports[to]
    assert row['mask_iou'] >= 0.98 and row['segments'][0] > 0
    settings = {'precision': 'fp32', 'confidence': 0.1, 'device': 'cpu', 'image_size': 192}
    model, exact = FastSam(row['path'], **settings), FastSam(str(SHIPPED), **settings)
    both = [photos['cat'], photos['cat'][:, ::-1]]
    for ours, theirs in zip(model.batch(both), exact.batch(both), strict=True):
        assert len(ours) == len(theirs) > 0
        assert (ours.masks() != theirs.masks()).mean() < 0.002


def test_metadata_stays_in_the_files(exports):
    for to, row in exports.items():
        source = SHIPPED if to == 'openvino' else WEIGHTS
        assert row['source_sha256'] == hashlib.sha256(source.read_bytes()).hexdigest()
        assert row['license'].startswith('AGPL-3.0')
    kept = {e.key: e.value for e in onnx.load(exports['onnx']['path']).metadata_props}
    graph = ov.Core().read_model(exports['openvino']['path'])
    extra = {'metadata.json': ''}
    torch.jit.load(exports['torchscript']['path'], _extra_files=extra)
    script = json.loads(extra['metadata.json'])
    for key in ('names', 'imgsz', 'source_sha256', 'license', 'task'):
        assert kept[key] == exports['onnx'][key]
        assert graph.get_rt_info(['fastsam', key]).astype(str) == exports['openvino'][key]
        assert script[key] == exports['torchscript'][key]
    folder = Path(exports['onnx']['path']).parent
    assert (folder / 'fastsam-n.meta.json').is_file()  # whoever takes a file takes its words too
    endings = sorted(p.suffix for p in folder.iterdir() if p.suffix != '.json')
    assert endings == ['.bin', '.onnx', '.torchscript', '.xml']


def test_a_traced_network_names_no_device(exports):
    """What is made on the device where it was traced cannot be used on another."""
    script = torch.jit.load(exports['torchscript']['path'])
    assert 'Device' not in str(script.inlined_graph)


def test_half_precision_halves_the_file(fastsam, tmp_path, exports):
    full = Path(exports['onnx']['path'])
    half = exported(fastsam, tmp_path, 'onnx', full, '--precision', 'fp16')
    assert half['bytes'] < 0.55 * full.stat().st_size and half['mask_iou'] >= 0.98


def count_onnx(path):
    """How many weights there are of each type."""
    counts = Counter()
    for weight in onnx.load(str(path)).graph.initializer:
        counts[onnx.TensorProto.DataType.Name(weight.data_type)] += math.prod(weight.dims)
    return counts


def test_fp32_is_what_the_file_holds_also_where_the_source_holds_fp16(fastsam, tmp_path):
    assert count_onnx(SHIPPED)['FLOAT16'] > 3_000_000
    row = exported(fastsam, tmp_path, 'onnx', SHIPPED)
    assert row['precision'] == 'fp32' and row['bytes'] > 13_000_000
    assert count_onnx(row['path'])['FLOAT16'] == 0
    half = exported(fastsam, tmp_path, 'onnx', SHIPPED, '--precision', 'fp16')
    assert count_onnx(half['path'])['FLOAT16'] > 3_000_000
    for source in (SHIPPED, exported(fastsam, tmp_path, 'openvino', SHIPPED)['path']):
        row = exported(fastsam, tmp_path / 'wide', 'openvino', source, '--precision', 'fp32')
        ops = ov.Core().read_model(row['path']).get_ops()
        types = Counter({'f16': 0, 'f32': 0})
        for op in ops:
            if op.get_type_name() == 'Constant':
                types[op.get_element_type().to_string()] += math.prod(op.shape)
        assert types['f16'] == 0 and types['f32'] > 3_000_000


def labels_of(folder):
    """The surest segments of the model that ships, as if people had marked them."""
    model = FastSam(image_size=192, confidence=0.5, iou=0.7)
    truth = {'images': [], 'annotations': [], 'categories': [{'id': 1, 'name': 'thing'}]}
    for number, path in enumerate(sorted(folder.iterdir()), 1):
        scene = model(read_picture(path))
        size = {'height': scene.height, 'width': scene.width}
        truth['images'].append({'id': number, 'file_name': path.name, **size})
        for runs in scene.run_lengths():
            truth['annotations'].append(
                {
                    'id': len(truth['annotations']) + 1,
                    'image_id': number,
                    'category_id': 1,
                    'iscrowd': 0,
                    'area': runs.area,
                    'bbox': [runs.x, runs.y, runs.width, runs.height],
                    'segmentation': encode(runs, scene.height, scene.width),
                }
            )
    return truth


@pytest.mark.skipif(not importlib.util.find_spec('nncf'), reason='NNCF is not installed')
def test_int8_from_pictures_keeps_the_masks(fastsam, tmp_path, photographs):
    folder = tmp_path / 'photos'
    folder.mkdir()
    for name in list(photographs)[:8]:
        small = cv2.resize(photographs[name], (320, 240))
        assert cv2.imwrite(str(folder / f'{name}.png'), small[..., ::-1])
    labels = tmp_path / 'labels.json'
    labels.write_text(json.dumps(labels_of(folder)))
    arguments = ('--precision', 'int8', '--calibration', folder, '--labels', labels)
    row = exported(fastsam, tmp_path, 'openvino', SHIPPED, *arguments)
    assert row['path'].endswith('fastsam-n-int8.xml')
    assert row['mask_iou'] >= 0.8
    before, after = row['average_recall']
    assert before > 0.95, 'what the model itself finds it must find again'
    assert after > 0.5
    assert FastSam(row['path'], device='cpu').precision == 'int8'
    few = fastsam('export', '--to', 'openvino', '-o', tmp_path / 'few', *arguments[:2], *SIZE,
                  '--calibration', folder / 'rocket.png')
    assert 'too few' in str(few.exception)
    assert not list((tmp_path / 'few').iterdir())


def test_a_file_that_says_something_else_fails(tmp_path, monkeypatch):
    """The network with its scores and masks spoiled, as a bad export might."""
    graph = onnx.load(str(SHIPPED))
    for weight in graph.graph.initializer:
        if 'cv4' in weight.name and 'bias' in weight.name:
            values = onnx.numpy_helper.to_array(weight)
            spoiled = onnx.numpy_helper.from_array(values + values.dtype.type(3), weight.name)
            weight.CopyFrom(spoiled)
    bad = tmp_path / 'fastsam-n.onnx'
    onnx.save(graph, str(bad))
    wanted = ExportRequest(SHIPPED, 'onnx', tmp_path, 'fp32', 192)
    with pytest.raises(ModelError, match='is not written, as it would not say'):
        export_module.check(wanted, bad, [still_life()])
    assert compare(SHIPPED, SHIPPED, [still_life()], 192).iou == 1


def test_a_pickle_needs_trust(tmp_path):
    path = tmp_path / 'my.pt'
    torch.save({'model': None}, path)
    arguments = {'trust': False, 'precision': 'auto', 'image_size': 320, 'calibration': ''}
    with pytest.raises(UntrustedModelError, match='SHA-256'):
        make_request(str(path), 'onnx', tmp_path, **arguments)
    assert make_request(str(path), 'onnx', tmp_path, **{**arguments, 'trust': True}).source == path


def test_a_pickled_checkpoint_is_exported(fastsam, tmp_path):
    from fastsam_ros.backends.checkpoints import load_module

    path = tmp_path / 'mine.pt'
    torch.save({'model': load_module(WEIGHTS).half(), 'train_args': {}}, path)
    row = exported(fastsam, tmp_path, 'onnx', path, '--trust')
    assert row['source'] == 'mine.pt' and row['mask_iou'] >= 0.98


@pytest.mark.skipif(bool(importlib.util.find_spec('tensorrt')), reason='TensorRT is installed')
def test_tensorrt_says_what_it_needs(fastsam, tmp_path):
    result = fastsam('export', '--to', 'tensorrt', '-o', tmp_path / 'out', *SIZE)
    assert isinstance(result.exception, BackendError)
    assert 'pip install tensorrt' in str(result.exception)
    assert not list((tmp_path / 'out').iterdir())


@pytest.mark.parametrize(
    'arguments, words',
    [
        (['--to', 'coreml'], 'onnx, openvino'),
        (['--to', 'onnx', '--precision', 'int8'], 'int8 is for --to openvino and tensorrt'),
        (['--to', 'openvino', '--precision', 'int8'], '--calibration'),
        (['--to', 'openvino', '--precision', 'int8', '--calibration', 'nowhere'], 'not exist'),
        (['--to', 'onnx', '-o', str(SHIPPED.parent)], 'is the model itself'),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(fastsam, tmp_path, arguments, words, monkeypatch):
    monkeypatch.setenv('COLUMNS', '300')
    result = fastsam('export', '-o', tmp_path, *arguments)
    assert result.exit_code == 2 and words in result.stderr


@pytest.mark.parametrize('name', ['cut.onnx', 'cut.safetensors', 'cut.xml'])
@pytest.mark.parametrize('to', ['onnx', 'openvino'])
def test_a_truncated_source_is_named(fastsam, tmp_path, name, to):
    path = tmp_path / name
    path.write_bytes(SHIPPED.read_bytes()[:5000])
    result = fastsam('export', '--to', to, '-o', tmp_path / 'out', '--model', path, *SIZE)
    assert isinstance(result.exception, ModelError) and str(path.name) in str(result.exception)
    assert not list((tmp_path / 'out').glob('*')) if (tmp_path / 'out').exists() else True


def test_a_text_model_is_exported_for_a_program_too(fastsam, monkeypatch, tmp_path):
    monkeypatch.setattr('fastsam_ros.text.export_text_model', lambda name, folder, to: folder)
    result = fastsam('export', '--text-model', 'some', '--to', 'onnx', '-o', tmp_path, '--json')
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {
        'path': str(tmp_path), 'text_model': 'some', 'to': 'onnx'}


@pytest.mark.parametrize('option, value', [
    ('--precision', 'fp16'), ('--check', 'a.png'), ('--calibration', 'photos'),
    ('--labels', 'a.json'), ('--model', 'fastsam-n'), ('--image-size', '320'), ('--trust', None),
])
def test_what_means_nothing_for_a_text_model_is_refused(
    fastsam, monkeypatch, tmp_path, option, value
):
    monkeypatch.setattr('fastsam_ros.text.export_text_model', lambda *arguments: 1 / 0)
    monkeypatch.setenv('COLUMNS', '300')
    words = [option] if value is None else [option, value]
    result = fastsam('export', '--text-model', 'some', '--to', 'onnx', '-o', tmp_path, *words)
    assert result.exit_code == 2
    assert f'{option} cannot be given with --text-model' in result.stderr
