# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Int8 graphs for TensorRT: what is in them, and what they compute in ONNX Runtime."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
import onnxruntime
import openvino as ov
from openvino import opset8 as ops
import pytest

from fastsam_ros.backends.integer import twin
from fastsam_ros.backends.processing import HostProcessing, Thresholds
from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.core.errors import ModelError, ParameterError
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.export.engine_graph import engine_graph
from fastsam_ros.export.int8_graph import quantised, ranges
from fastsam_ros.export.onnx_files import load_onnx
from fastsam_ros.export.parity import _best_ious
from fastsam_ros.export.request import make_request
from fastsam_ros.fastsam import FastSam
from fastsam_ros.models import resolve


@pytest.fixture(scope='module')
def reached():
    """Of the int8 network that ships."""
    return ranges(ov.Core().read_model(twin(resolve(''))))


@pytest.fixture(scope='module')
def graph(reached):
    return engine_graph(load_onnx(resolve('')), True, reached)


def run(model, **inputs):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options).run(None, inputs)


def convolution(weights, names=('one',)):
    """A graph of convolutions of one input."""
    nodes = [helper.make_node('Conv', ['x', 'w'], [f'{name}.out'], name) for name in names]
    shape = [1, weights.shape[1], 4, 4]
    return helper.make_model(helper.make_graph(
        nodes, 'made', [helper.make_tensor_value_info('x', TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info(f'{name}.out', TensorProto.FLOAT, None) for name in names],
        [numpy_helper.from_array(weights, 'w')]), opset_imports=[helper.make_opsetid('', 17)],
        ir_version=8)


def test_ranges_are_of_the_convolutions_of_the_network_that_ships(reached):
    names = {node.name for node in load_onnx(resolve('')).graph.node if node.op_type == 'Conv'}
    assert set(reached) < names
    assert len(reached) == 65
    assert reached['/network/model.0/conv/Conv'] == pytest.approx(1, abs=0.01)  # of pixels
    last = {name for name in names if name.endswith('.2/Conv')}  # of each branch
    assert len(last) == 9 and not last & set(reached)


@pytest.mark.parametrize(('ends', 'expected'), [
    ([(-0.3, 6), (-9, 4)], {'one': 9}), ([(-0.3, 6), None], {}), ([None, None], {})])
def test_a_convolution_of_what_is_partly_in_float_stays_in_float(ends, expected):
    """As OpenVINO has it, with a pool and a concatenation between."""
    x = ops.parameter([1, 1, 4, 4], np.float32)
    parts = [
        x if pair is None else ops.fake_quantize(x, *np.float32([*pair, *pair]), 256)
        for pair in ends]
    pooled = ops.max_pool(parts[0], [1, 1], [1, 1], [0, 0], [0, 0], [1, 1]).output(0)
    joined = ops.concat([pooled, parts[1]], 1)
    weights = ops.constant(np.ones((1, 2, 1, 1), np.float32))
    made = ops.convolution(joined, weights, [1, 1], [0, 0], [0, 0], [1, 1])
    made.set_friendly_name('one/WithoutBiases')
    assert ranges(ov.Model([made], [x])) == expected


def test_what_int8_rounds():
    """One step of the input's scale and one of each channel's weights, added up at most."""
    rng = np.random.default_rng(3)
    weights = rng.normal(size=(5, 3, 1, 1)).astype(np.float32) * np.float32(
        [1, 0.01, 5, 1e-9, 0])[:, None, None, None]
    x = rng.uniform(-2, 6, (1, 3, 4, 4)).astype(np.float32)
    model = convolution(weights)
    exact, = run(model, x=x)
    with np.errstate(all='raise'):  # a channel of zeros has a scale too
        got, = run(quantised(model, {'one': 6.0}), x=x)
    sizes = np.abs(weights).reshape(5, -1)
    most = 6 / 254 * sizes.sum(1) + sizes.max(1) / 254 * np.abs(x).sum(1).max() + 1e-4
    apart = np.abs(got - exact).max(axis=(0, 2, 3))
    assert (apart <= most).all()
    assert apart[0] > 1e-4  # it was rounded


def test_a_tensor_is_rounded_once_for_all_that_read_it():
    model = convolution(np.ones((2, 3, 1, 1), np.float32), ('one', 'two', 'three'))
    made = quantised(model, {'one': 6.0, 'two': 6.0})
    kinds = [node.op_type for node in made.graph.node]
    assert kinds.count('QuantizeLinear') == 1
    assert kinds.count('DequantizeLinear') == 2  # and the weights, once
    assert [node.input[0] for node in made.graph.node if node.name == 'three'] == ['x']
    kept = {tensor.name for tensor in made.graph.initializer}
    assert kept == {'w', 'zero', 'x.0.0472441.scale', *(
        f'w.rounded.{part}' for part in ('int8', 'scale', 'zero'))}


def test_all_scales_are_symmetric(graph):
    """TensorRT refuses any other zero point."""
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}
    kinds = {'QuantizeLinear', 'DequantizeLinear'}
    pairs = [node for node in graph.graph.node if node.op_type in kinds]
    assert len(pairs) > 100
    for node in pairs:
        scale, zero = (values[name] for name in node.input[1:])
        assert zero.dtype == np.int8 and not zero.any()
        assert (scale > 0).all() and np.isfinite(scale).all()


def test_masks_of_a_photograph_overlap_those_of_float32(graph, photographs):
    class Backend:
        batch = 1, 1

        def infer(self, batch):
            boxes, prototypes, names = run(graph, pictures=batch)
            return NetworkOutput(
                np.concatenate([boxes, names], 1, dtype=np.float32),
                prototypes.astype(np.float32))

    picture = photographs['coffee']
    letterbox, thresholds = Letterbox.fit(*picture.shape[:2], 320), Thresholds(0.4, 0.9, 300)
    processing = HostProcessing(Backend())
    scene = processing.scene(processing.infer([picture], [letterbox], thresholds)[0])
    exact = FastSam(device='cpu', precision='fp32', image_size=320, grow='never', clean='never')
    assert _best_ious(exact(picture), scene).mean() > 0.75


def test_an_int8_network_of_another_graph_is_refused():
    model = convolution(np.ones((2, 3, 1, 1), np.float32))
    with pytest.raises(ModelError, match='--calibration'):
        quantised(model, {'other': 1.0})


def test_the_model_that_ships_needs_no_pictures_for_an_engine():
    asked = {'trust': False, 'precision': 'int8', 'image_size': 640, 'calibration': ''}
    made = make_request('', 'tensorrt', Path('out'), **asked)
    assert made.measured == twin(resolve(''))
    assert made.path.name == 'fastsam-n-int8.engine'
    with pytest.raises(ParameterError, match='--calibration'):
        make_request('', 'openvino', Path('out'), **asked)
