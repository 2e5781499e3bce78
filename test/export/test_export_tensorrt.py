# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What engines are built from and with; ONNX Runtime computes what TensorRT would."""

import json
import sys
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import pytest

from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt import gpu, note
from fastsam_ros.backends.tensorrt.parity import MOST, differences
from fastsam_ros.core.errors import BackendError, ModelError
from fastsam_ros.core.images import rectangles
from fastsam_ros.export import formats, tensorrt
from fastsam_ros.export.engine_graph import engine_graph
from fastsam_ros.export.onnx_files import load_onnx
from fastsam_ros.export.request import ExportRequest
from fastsam_ros.models import resolve

FLOAT, HALF, BYTES = onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.UINT8


@pytest.fixture(scope='module')
def source():
    return resolve('')  # the model that ships


@pytest.fixture(scope='module', params=[False, True], ids=['fp32', 'fp16'])
def graph(request, source):
    """The graph that an engine is built from, and whether it computes in float16."""
    return engine_graph(load_onnx(source), request.param), request.param


def run(model, **inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options).run(None, inputs)


def test_it_computes_what_its_source_says(graph, source):
    """Float32 to the last bit, float16 far within what an engine is allowed."""
    model, half = graph
    pictures = np.stack([rectangles(128, 160), rectangles(128, 160)[:, ::-1]])
    expected = run(str(source), images=pictures.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    got = run(model.SerializeToString(), pictures=pictures)
    found = differences(NetworkOutput(*got[:2]), NetworkOutput(*expected[:2]))
    assert all(found[name] <= (MOST[name] / 5 if half else 1e-5) for name in MOST)
    np.testing.assert_allclose(got[2], expected[2], atol=0.01 if half else 1e-6)


def test_boxes_are_decoded_in_float32(graph):
    model, half = graph
    kinds = {value.name: value.type.tensor_type.elem_type
             for value in (*model.graph.input, *model.graph.output)}
    kind = HALF if half else FLOAT
    assert kinds == {'pictures': BYTES, 'output0': FLOAT, 'output1': kind, 'output2': kind}
    known = onnx.shape_inference.infer_shapes(model).graph.value_info
    types = {value.name: value.type.tensor_type.elem_type for value in known}
    named = {node.op_type: [types[o] for n in model.graph.node for o in n.output
                            if n.op_type == node.op_type and o in types]
             for node in model.graph.node}
    assert set(named['Conv']) == {kind}
    assert set(named['Softmax']) == {FLOAT}


def test_ranges_are_of_integers(graph):
    """TensorRT makes no others whose end is not known when it builds."""
    model, _ = graph
    known = onnx.shape_inference.infer_shapes(model).graph.value_info
    types = {value.name: value.type.tensor_type.elem_type for value in known}
    ranges = [node.output[0] for node in model.graph.node if node.op_type == 'Range']
    assert ranges
    assert {types[name] for name in ranges} == {onnx.TensorProto.INT64}


def test_a_network_of_a_fixed_size_is_refused():
    fixed = onnx.helper.make_tensor_value_info('images', FLOAT, [1, 3, 640, 640])
    model = onnx.helper.make_model(onnx.helper.make_graph([], 'fixed', [fixed], []))
    with pytest.raises(ModelError, match=r'\[\[1, 3, 640, 640\]\], expected'):
        engine_graph(model, half=False)


class Builder:
    """As much of TensorRT as builds an engine; keeps what it was asked for."""

    asked = SimpleNamespace()

    def __init__(self, logger):
        self.asked.shapes = []

    def create_network(self, flags):
        self.asked.flags = flags
        return SimpleNamespace(get_input=lambda index: SimpleNamespace(name='pictures'))

    def create_builder_config(self):
        return SimpleNamespace(
            set_memory_pool_limit=lambda kind, size: None,
            add_optimization_profile=lambda profile: None)

    def create_optimization_profile(self):
        return SimpleNamespace(set_shape=lambda *shapes: self.asked.shapes.append(shapes))

    def build_serialized_network(self, network, config):
        return b'engine'


class Parser:
    """Takes graphs that can be read."""

    num_errors = 1

    def __init__(self, network, logger):
        pass

    def parse(self, graph):
        Builder.asked.graph = graph
        return graph != b'broken'

    def get_error(self, index):
        return 'no such operator'


def module(version='10.3.0'):
    """Stands for `tensorrt`."""
    return SimpleNamespace(
        __version__=version, Builder=Builder, OnnxParser=Parser,
        Logger=SimpleNamespace(WARNING=2), MemoryPoolType=SimpleNamespace(WORKSPACE=0),
        NetworkDefinitionCreationFlag=SimpleNamespace(EXPLICIT_BATCH=0, STRONGLY_TYPED=1))


@pytest.fixture
def installed(monkeypatch):
    """TensorRT, and an Orin."""
    made = module()
    made.Logger = lambda level: None
    made.Logger.WARNING = 2
    monkeypatch.setitem(sys.modules, 'tensorrt', made)
    monkeypatch.setattr(tensorrt, 'find_gpu', lambda index: gpu.Gpu('NVIDIA Orin', '8.7', False))
    return made


@pytest.mark.parametrize(('cameras', 'expected'), [
    (1, ((1, 64, 64, 3), (1, 480, 640, 3), (1, 640, 640, 3))),
    (4, ((1, 64, 64, 3), (4, 480, 640, 3), (4, 640, 640, 3)))])
def test_engines_are_strongly_typed_and_tuned_for_the_cameras(installed, cameras, expected):
    assert tensorrt.build_engine(b'graph', 640, cameras) == b'engine'
    assert Builder.asked.flags == 1 << installed.NetworkDefinitionCreationFlag.STRONGLY_TYPED
    assert Builder.asked.shapes == [('pictures', *expected)]


def test_a_graph_that_tensorrt_cannot_read(installed):
    with pytest.raises(ModelError, match='no such operator'):
        tensorrt.build_engine(b'broken', 640, 1)


@pytest.mark.parametrize('version', ['8.6.1', '10.0.1'])
def test_a_tensorrt_that_is_too_old(monkeypatch, version):
    monkeypatch.setitem(sys.modules, 'tensorrt', module(version))
    with pytest.raises(BackendError, match=rf'{version} is too old: 10\.1 or newer.*JetPack'):
        tensorrt.target()


def test_an_engine_is_built_once(installed, source, tmp_path, monkeypatch):
    """And again when it is to be for more cameras, or was found to compute something else."""
    built = []
    monkeypatch.setattr(
        tensorrt, 'build_engine', lambda *wanted: built.append(wanted[1:]) or b'engine')
    for cameras, parity in ((1, True), (1, True), (2, False), (2, True), (2, True)):
        path = formats.export(ExportRequest(source, 'tensorrt', tmp_path, cameras=cameras))
        kept = json.loads(note.note_of(path).read_text())
        assert (kept['gpu'], kept['cameras'], kept['precision']) == (
            'NVIDIA Orin', str(cameras), 'fp16')
        note.write_note(path, {**kept, **({'parity': dict(MOST)} if parity else {})})
    assert built == [(640, 1), (640, 2), (640, 2)]


def test_an_int8_engine_is_built_again_for_other_ranges(installed, source, tmp_path, monkeypatch):
    built = []
    monkeypatch.setattr(tensorrt, 'build_engine', lambda *wanted: built.append(1) or b'engine')
    monkeypatch.setattr(formats, '_reached', lambda *wanted: {})
    monkeypatch.setattr(
        'fastsam_ros.export.engine_graph.engine_graph',
        lambda graph, half, reached: onnx.ModelProto())
    few, more = tmp_path / 'few.png', tmp_path / 'more.png'
    few.write_bytes(b'few'), more.write_bytes(b'more')
    for pictures in ([few], [few], [few, more], [more], [more]):
        path = formats.export(ExportRequest(
            source, 'tensorrt', tmp_path / 'out', 'int8', calibration=pictures))
        kept = json.loads(note.note_of(path).read_text())
        note.write_note(path, {**kept, 'parity': dict(MOST)})
    assert len(built) == 3
