# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Names that leave OpenVINO as logits are those that the graph says as the file has it."""

import cv2
import numpy as np
import pytest

from fastsam_ros import models
from fastsam_ros.backends.processing import HostProcessing, Thresholds
from fastsam_ros.backends.protocol import NamedOutput, NetworkOutput
from fastsam_ros.core.letterbox import Letterbox

ov = pytest.importorskip('openvino')
openvino = pytest.importorskip('fastsam_ros.backends.openvino')
ops = pytest.importorskip('openvino.opset13')
by_anchor = pytest.importorskip('fastsam_ros.backends.openvino_names').by_anchor
KNOWN, LEVELS = 5, (4, 8)  # names, and pixels a cell
ANY = Thresholds(0.3, 0.8, 300)


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
@pytest.mark.parametrize('file, precision', [
    ('fastsam-n.onnx', 'fp32'), ('fastsam-n.onnx', 'auto'), ('fastsam-n.int8.xml', 'int8'),
    ('', 'fp32')])
def test_names_of_photographs_are_those_of_the_unchanged_graph(
    photographs, tmp_path, file, precision, count
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
        np.testing.assert_allclose(scene.name_scores, right.name_scores, atol=1e-6)
        np.testing.assert_array_equal(scene.boxes, right.boxes)
        np.testing.assert_array_equal(scene.scores, right.scores)
        np.testing.assert_array_equal(scene.coefficients, right.coefficients)


def network(change=''):
    """A small one that ends as FastSAM does, with one thing changed."""
    rng = np.random.default_rng(0)
    images = ops.parameter([-1, 3, -1, -1], np.float32)
    weights = rng.normal(size=(1 + KNOWN, 3, 1, 1)).astype(np.float32)

    def convolved(weights, cell):
        cells = ops.avg_pool(images, [cell] * 2, [0, 0], [0, 0], [cell] * 2, False)
        return ops.convolution(cells, weights, [1, 1], [0, 0], [0, 0], [1, 1])

    levels = [ops.reshape(convolved(weights, cell), [0, 1 + KNOWN, -1], True) for cell in LEVELS]
    if change == 'a level of means':
        levels[1] = ops.reduce_mean(convolved(weights, LEVELS[1]), [3])
    if change == 'a level that is flat before':
        levels[1] = ops.reshape(levels[1], [0, 1 + KNOWN, -1], True)
    if change == 'a level of two boxes a cell':
        two = convolved(np.concatenate([weights, weights]), LEVELS[1])
        levels[1] = ops.reshape(two, [0, 1 + KNOWN, -1], True)
    joined = ops.concat(levels, 2)
    stop = 2 if change == 'a score of two' else 1
    score = ops.reduce_max(ops.sigmoid(ops.slice(joined, [0], [stop], [1], [1])), [1], True)
    if change == 'another reader':
        score = ops.multiply(score, ops.reduce_max(joined, [1], True))
    begin, step = int(change != 'names with the score'), 1 + (change == 'each other name')
    names = ops.sigmoid(ops.slice(joined, [begin], [1 << 62], [step], [1]))
    if change == 'names that are changed':
        names = ops.power(names, np.float32(2))
    prototypes = convolved(np.ones((32, 3, 1, 1), np.float32), LEVELS[0])
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
    (predictions, prototypes, logits), right = said(by_anchor(model), images), said(model, images)
    assert logits.shape == (2, 4 * 8 + 2 * 4, 1 + KNOWN)
    np.testing.assert_array_equal(predictions, right[0])
    np.testing.assert_array_equal(prototypes, right[1])
    np.testing.assert_allclose(
        1 / (1 + np.exp(-logits[..., 1:].transpose(0, 2, 1))), right[2], atol=1e-6)


@pytest.mark.parametrize('change', [
    'a level of two boxes a cell', 'a level that is flat before', 'a level of means',
    'a score of two', 'another reader', 'each other name', 'names that are changed',
    'names with the score', 'one more output'])
def test_another_graph_says_names_as_it_did(change, tmp_path):
    model = network(change)
    assert by_anchor(model) is None
    ov.save_model(model, tmp_path / 'other.xml', compress_to_fp16=False)
    images = np.random.default_rng(1).integers(0, 256, (1, 16, 32, 3), np.uint8)
    predictions, prototypes = openvino.load(tmp_path / 'other.xml', 'cpu', 'fp32').infer(images)
    right = said(model, images.transpose(0, 3, 1, 2).astype(np.float32) / 255)
    np.testing.assert_allclose(predictions[:, :37], right[0], atol=1e-5)
    np.testing.assert_allclose(prototypes, right[1], atol=1e-5)
    np.testing.assert_allclose(predictions[:, 37:], right[2], atol=1e-5)


def test_a_network_without_names_has_none():
    model = network()
    assert by_anchor(ov.Model(model.get_results()[:2], model.get_parameters(), 'two')) is None
