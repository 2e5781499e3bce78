# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Models that the node cannot load: it says why and goes on."""

from pathlib import Path
import pickle
import shutil
import zipfile

from graph import change, point, state
from lifecycle_msgs.msg import State, Transition
import pytest
from rclpy.parameter import Parameter

from fastsam_ros import models


@pytest.fixture(scope='module')
def bad_models(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp('models')
    truncated = folder / 'truncated.onnx'
    truncated.write_bytes(models.shipped().read_bytes()[:100_000])
    (folder / 'plain.pt').write_bytes(b'not a checkpoint')
    make_checkpoint(folder / 'untrusted.pt')
    return folder


@pytest.mark.parametrize('name, words', [
    ('missing.onnx', ['no model file', 'missing.onnx']),
    ('truncated.onnx', ['truncated.onnx', 'truncated']),
    ('relu.onnx', ['relu.onnx', 'not a FastSAM network']),
    ('plain.pt', ['plain.pt', 'not a PyTorch checkpoint']),
    ('untrusted.pt', ['SHA-256', 'trust']),
])
def test_a_model_that_cannot_be_loaded_is_explained_and_the_node_goes_on(
        start_real, bad_models, name, words):
    if name == 'relu.onnx':
        make_relu(bad_models / name)
    graph = start_real(model=str(bad_models / name), autostart=False)
    assert not change(graph, Transition.TRANSITION_CONFIGURE)
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    answer = graph.prompt(point((5, 5)))
    assert not answer.success
    for word in words:
        assert word in answer.message


def make_relu(path: Path) -> None:
    """Write a network that is sound but segments nothing."""
    onnx = pytest.importorskip('onnx', reason='onnx is not installed: pip install onnx')
    value, other = (
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, 64, 64])
        for name in 'xy')
    relu = onnx.helper.make_node('Relu', ['x'], ['y'])
    network = onnx.helper.make_graph([relu], 'relu', [value], [other])
    onnx.save(onnx.helper.make_model(network, ir_version=8, opset_imports=[
        onnx.helper.make_opsetid('', 13)]), path)


def make_checkpoint(path: Path) -> None:
    """Write what looks like a checkpoint of PyTorch: a zip archive with a pickle in it."""
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('archive/data.pkl', pickle.dumps({'model': None}))


def test_a_model_that_was_put_right_is_loaded_at_the_next_try(start_real, tmp_path):
    path = tmp_path / 'later.onnx'
    graph = start_real(model=str(path), autostart=False)
    assert not change(graph, Transition.TRANSITION_CONFIGURE)
    shutil.copy(models.shipped(), path)
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert change(graph, Transition.TRANSITION_ACTIVATE)
    assert change(graph, Transition.TRANSITION_DEACTIVATE)


def test_a_model_that_is_not_there_can_be_named_anew(start_real):
    graph = start_real(model='/nowhere/model.onnx', autostart=False)
    assert not change(graph, Transition.TRANSITION_CONFIGURE)
    assert '/nowhere/model.onnx' in graph.prompt().message
    (result,) = graph.node.set_parameters([Parameter('model', value='')])
    assert result.successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert graph.node.model.name == 'fastsam-n'
