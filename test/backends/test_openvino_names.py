# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names of what survives are those that the graph says as the file has it."""

import cv2
import numpy as np
import pytest

from fastsam_ros import models
from fastsam_ros.backends.processing import HostProcessing, Thresholds
from fastsam_ros.backends.protocol import NamedOutput, NetworkOutput
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.names import name_scores

ov = pytest.importorskip('openvino')
openvino = pytest.importorskip('fastsam_ros.backends.openvino')
ops = pytest.importorskip('openvino.opset13')
with_features = pytest.importorskip('fastsam_ros.backends.openvino_names').with_features
KNOWN, LEVELS = 5, (4, 8)  # names, and pixels a cell
ANY = Thresholds(0.3, 0.8, 300)
ROUNDED = 0.02  # names of a network that takes their products of bfloat16


class Unchanged:
    """The network of a file, of which nothing is rewritten."""

    def __init__(self, path, backend):
        self.batch = backend.batch
        self._path, self._properties = path, backend.properties()

    def infer(self, batch):
        core = ov.Core()
        graph = openvino._with_normalisation(core.read_model(self._path), batch.shape)
        request = core.compile_model(graph, 'CPU', self._properties).create_infer_request()
        request.infer([batch])
        predictions, prototypes, names = (
            request.get_output_tensor(number).data.copy() for number in range(3))
        return NetworkOutput(
            np.concatenate([predictions, names], 1), prototypes.transpose(0, 3, 1, 2))


def fixed(folder):
    """The model that ships, for two images of one size."""
    graph = ov.Core().read_model(models.shipped('fastsam-n.onnx'))
    graph.reshape([2, 3, 192, 256])
    ov.save_model(graph, folder / 'fixed.xml', compress_to_fp16=False)
    return folder / 'fixed.xml'


@pytest.mark.parametrize('count', [1, 2])
@pytest.mark.parametrize('file, precision, rounded', [
    ('fastsam-n.onnx', 'fp32', 1e-6), ('fastsam-n.onnx', 'auto', ROUNDED),
    ('fastsam-n.int8.xml', 'int8', ROUNDED), ('', 'fp32', 1e-6)])
def test_names_of_photographs_are_those_of_the_unchanged_graph(
    photographs, tmp_path, file, precision, rounded, count
):
    path = models.shipped(file) if file else fixed(tmp_path)
    backend = openvino.load(path, 'cpu', precision)
    backend.batch = count, count
    images = [cv2.resize(photographs[name], (256, 192)) for name in ('coffee', 'astronaut')]
    letterboxes = [Letterbox.fit(192, 256, 256)] * 2
    got, expected = (
        [processing.scene(each) for each in processing.infer(images, letterboxes, ANY)]
        for processing in map(HostProcessing, (backend, Unchanged(path, backend))))
    assert isinstance(backend.infer(np.stack(images)[:count]), NamedOutput)
    for scene, right in zip(got, expected, strict=True):
        assert len(right) > 5 and right.name_scores.shape == (len(right), 80)
        np.testing.assert_allclose(scene.name_scores, right.name_scores, atol=rounded)
        np.testing.assert_array_equal(scene.boxes, right.boxes)
        np.testing.assert_array_equal(scene.scores, right.scores)
        np.testing.assert_array_equal(scene.coefficients, right.coefficients)


def convolved(images, weights, cell, step=1, begin=0, end=0):
    cells = ops.avg_pool(images, [cell] * 2, [0, 0], [0, 0], [cell] * 2, False)
    return ops.convolution(cells, weights, [step] * 2, [begin] * 2, [end] * 2, [1, 1])


def flat(planes):
    return ops.reshape(planes, [0, 1 + KNOWN, -1], True)


def small(images):
    """The shape (1, 1 + KNOWN, 1, 1), which nobody knows before there are images."""
    double = ops.multiply(ops.shape_of(images), np.int64(2))
    return ops.minimum(double, np.array([1, 1 + KNOWN, 1, 1]))


LEVEL = {  # others than expected, of images (weights, biases and the size of a cell are given)
    'of other steps': lambda images, w, b, c: flat(ops.add(convolved(images, w, c, 2), b)),
    'padded before': lambda images, w, b, c: flat(ops.add(convolved(images, w, c, 1, 1), b)),
    'padded behind': lambda images, w, b, c: flat(ops.add(convolved(images, w, c, 1, 0, 1), b)),
    'of larger kernels': lambda images, w, b, c: flat(
        ops.add(convolved(images, np.tile(w, (1, 1, 1, 2)), c), b)),
    'of weights that vary': lambda images, w, b, c: flat(
        ops.add(convolved(images, ops.abs(w), c), b)),
    'of biases that vary': lambda images, w, b, c: flat(
        ops.add(convolved(images, w, c), ops.abs(b))),
    'of biases of a shape that varies': lambda images, w, b, c: flat(
        ops.add(convolved(images, w, c), ops.reshape(b, small(images), False))),
    'of one bias': lambda images, w, b, c: flat(ops.add(convolved(images, w, c), b[:, :1])),
    'of biases that multiply': lambda images, w, b, c: flat(
        ops.multiply(convolved(images, w, c), b)),
    'without biases': lambda images, w, b, c: flat(convolved(images, w, c)),
    'without a convolution': lambda images, w, b, c: flat(
        ops.add(ops.abs(convolved(images, w, c)), b)),
    'of two boxes a cell': lambda images, w, b, c: flat(
        ops.add(convolved(images, np.tile(w, (2, 1, 1, 1)), c), np.tile(b, (1, 2, 1, 1)))),
    'that is flat before': lambda images, w, b, c: flat(
        flat(ops.add(convolved(images, w, c), b))),
    'of means': lambda images, w, b, c: ops.reduce_mean(
        ops.add(convolved(images, w, c), b), [3]),
}


def network(change=''):
    """A small one that ends as FastSAM does, with one thing changed."""
    rng = np.random.default_rng(0)
    images = ops.parameter([-1, 3, -1, -1], np.float32)
    levels = []
    for cell in LEVELS:
        weights, biases = (
            rng.normal(size=shape).astype(np.float32)
            for shape in ((1 + KNOWN, 3, 1, 1), (1, 1 + KNOWN, 1, 1)))
        levels.append(flat(ops.add(convolved(images, weights, cell), biases)))
    if change in LEVEL:
        levels[1] = LEVEL[change](images, weights, biases, LEVELS[1])
    joined = ops.concat(levels, 2)
    stop = 2 if change == 'a score of two' else 1
    score = ops.reduce_max(ops.sigmoid(ops.slice(joined, [0], [stop], [1], [1])), [1], True)
    if change == 'another reader':
        score = ops.multiply(score, ops.reduce_max(joined, [1], True))
    begin, step = int(change != 'names with the score'), 1 + (change == 'each other name')
    names = ops.sigmoid(ops.slice(joined, [begin], [1 << 62], [step], [1]))
    if change == 'names that are changed':
        names = ops.power(names, np.float32(2))
    prototypes = convolved(images, np.ones((32, 3, 1, 1), np.float32), LEVELS[0])
    ends = [ops.concat([score] * 37, 1), prototypes, names]
    if change == 'one more output':
        ends.append(joined)
    return ov.Model([ops.result(end) for end in ends], [images], 'small')


def said(model, images):
    return [*ov.compile_model(model, 'CPU', {'INFERENCE_PRECISION_HINT': 'f32'})(images).values()]


@pytest.mark.parametrize('shape', [None, (2, 3, 16, 32)])
def test_the_end_of_a_graph_is_recognised(shape):
    model = network()
    if shape:
        model.reshape(shape)
    images = np.random.default_rng(1).normal(size=(2, 3, 16, 32)).astype(np.float32)
    named, heads = with_features(model, ov.Type.f32)
    (predictions, prototypes, *levels), right = said(named, images), said(model, images)
    assert [level.shape for level in levels] == [(2, 4, 8, 3), (2, 2, 4, 3)]
    np.testing.assert_array_equal(predictions, right[0])
    np.testing.assert_array_equal(prototypes, right[1])
    for one, expected in zip(zip(*levels), right[2], strict=True):
        names = name_scores(
            [level.reshape(-1, 3) for level in one], heads, np.arange(4 * 8 + 2 * 4))
        np.testing.assert_allclose(names, expected.T, atol=1e-6)


@pytest.mark.parametrize('file, precision', [
    ('fastsam-n.onnx', 'fp32'), ('fastsam-n.onnx', 'fp16'), ('fastsam-n.onnx', 'bf16'),
    ('fastsam-n.int8.xml', 'int8')])
def test_features_leave_in_the_type_in_which_the_network_computes(file, precision):
    network = openvino.load(models.shipped(file), 'cpu', precision).compile_for((1, 64, 64, 3))
    named = {'fp32': ov.Type.f32, 'fp16': ov.Type.f32, 'bf16': ov.Type.bf16}
    expected = named.get(precision) or network.get_property('INFERENCE_PRECISION_HINT')
    types = [output.element_type for output in network.outputs]
    assert types == [ov.Type.f32] * 2 + [expected] * 3


@pytest.mark.parametrize('change', [
    *LEVEL, 'a score of two', 'another reader', 'each other name', 'names that are changed',
    'names with the score'])
def test_another_graph_says_names_as_it_did(change, tmp_path):
    model = network(change)
    assert with_features(model, ov.Type.f32) == (model, [])
    ov.save_model(model, tmp_path / 'other.xml', compress_to_fp16=False)
    images = np.random.default_rng(1).integers(0, 256, (1, 16, 32, 3), np.uint8)
    predictions, prototypes = openvino.load(tmp_path / 'other.xml', 'cpu', 'fp32').infer(images)
    right = said(model, images.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    np.testing.assert_allclose(predictions[:, :37], right[0], atol=1e-5)
    np.testing.assert_allclose(prototypes, right[1], atol=1e-5)
    np.testing.assert_allclose(predictions[:, 37:], right[2], atol=1e-5)


def test_what_else_a_network_says_is_not_read(tmp_path):
    model = network('one more output')
    ov.save_model(model, tmp_path / 'more.xml', compress_to_fp16=False)
    images = np.random.default_rng(1).integers(0, 256, (1, 16, 32, 3), np.uint8)
    output = openvino.load(tmp_path / 'more.xml', 'cpu', 'fp32').infer(images)
    right = said(model, images.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    names = output.names[0](np.arange(4 * 8 + 2 * 4))
    np.testing.assert_allclose(names, right[2][0].T, atol=1e-5)


def test_a_network_without_names_has_none():
    model = network()
    model = ov.Model(model.get_results()[:2], model.get_parameters(), 'two')
    assert with_features(model, ov.Type.f32) == (model, [])
