# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The notes beside engines, and the check against their weights."""

import json
import shutil

from engine_note import NOTE
import numpy as np
import pytest
import torch

from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt import parity
from fastsam_ros.backends.tensorrt.note import (
    check_note,
    is_current,
    note_of,
    read_note,
    write_note,
)
from fastsam_ros.backends.torch import TorchBackend
from fastsam_ros.core import BackendError, ModelError
from fastsam_ros.models import sha256

CPU = torch.device('cpu')


@pytest.mark.parametrize('key', ['tensorrt', 'gpu', 'compute_capability'])
def test_a_note_for_another_machine(engine, key):
    here = {name: NOTE[name] for name in ('tensorrt', 'gpu', 'compute_capability')}
    check_note(engine, read_note(engine), here)
    with pytest.raises(BackendError, match=f'{key} .*`fastsam export --model weights'):
        check_note(engine, read_note(engine), {**here, key: 'other'})


@pytest.mark.parametrize(('text', 'message'), [
    (None, 'is missing'),
    ('{"tensorrt": ', 'truncated'),
    ('[]', 'does not say'),
    (json.dumps({k: v for k, v in NOTE.items() if k != 'gpu'}), 'does not say gpu'),
])
def test_notes_that_say_nothing(engine, text, message):
    note_of(engine).unlink() if text is None else note_of(engine).write_text(text)
    with pytest.raises(ModelError, match=message):
        read_note(engine)


def test_an_engine_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match='not there'):
        read_note(tmp_path / 'no.engine')


@pytest.fixture
def known(engine, weights):
    """The engine, its weights beside it, and the note that names them."""
    beside = engine.with_name('weights.safetensors')
    shutil.copy(weights, beside)
    return {**NOTE, 'source_sha256': sha256(beside)}


@pytest.mark.parametrize('before', [{}, {'parity': {'scores': 0.01, 'prototypes': 0.02}}])
def test_parity_is_recorded_and_asked_for_once(engine, known, network, before):
    """Earlier versions looked at neither boxes nor coefficients."""
    parity.verify(network.infer, engine, {**known, **before})
    note = read_note(engine)
    assert note['parity'].keys() == parity.MOST.keys()
    assert max(note['parity'].values()) < 1e-3
    parity.verify(lambda batch: pytest.fail('asked again'), engine, note)


@pytest.mark.parametrize(('output', 'rows', 'factor'), [
    (1, slice(None), 1.1), (0, slice(0, 2), 1.05), (0, slice(2, 4), 1.1), (0, slice(4, 5), 0.8),
    (0, slice(5, 37), 1.1),
], ids=['prototypes', 'centres', 'sides', 'scores', 'coefficients'])
def test_an_engine_that_computes_something_else(engine, known, network, output, rows, factor):
    def wrong(batch):
        outputs = network.infer(batch)
        outputs[output][:, rows] *= factor
        return outputs

    with pytest.raises(ModelError, match='does not compute'):
        parity.verify(wrong, engine, known)
    assert 'parity' not in read_note(engine)


def test_float16_computes_the_same(engine, known, weights):
    half = TorchBackend(weights, CPU, 'fp16')
    parity.verify(half.infer, engine, known)
    assert read_note(engine)['parity']['boxes'] < 1


def test_int8_may_move_boxes_but_is_of_the_same_network(engine, known, network):
    def rounded(batch, factor=1.0):
        predictions, prototypes = network.infer(batch)
        predictions[:, :2] += 20
        return NetworkOutput(predictions, prototypes[:, ::-1] if factor < 1 else prototypes * 1.2)

    note = {**known, 'precision': 'int8'}
    with pytest.raises(ModelError, match='does not compute'):
        parity.verify(lambda batch: rounded(batch, 0.5), engine, note)
    parity.verify(rounded, engine, note)
    assert read_note(engine)['parity']['boxes'] >= 20


def test_networks_that_are_sure_of_nothing_are_compared():
    predictions = np.zeros((1, 37, 5), np.float32)
    predictions[0, 4, 3] = 0.01
    predictions[0, 5:, 3] = 1
    moved = predictions.copy()
    moved[0, :2, 3] += 3
    outputs = np.ones((1, 32, 2, 2), np.float32)
    found = parity.differences((moved, outputs), (predictions, outputs))
    assert found == {'scores': 0, 'boxes': 3, 'coefficients': 0, 'prototypes': 0}


def test_not_a_number_is_something_else(engine, known, network):
    def wrong(batch):
        return NetworkOutput(*(output * np.nan for output in network.infer(batch)))

    with pytest.raises(ModelError, match='does not compute'):
        parity.verify(wrong, engine, known)


def test_without_the_weights_the_log_says_so(engine, caplog):
    parity.verify(lambda batch: pytest.fail('nothing to compare'), engine, NOTE)
    assert 'never compared' in caplog.text
    assert read_note(engine) == NOTE


@pytest.mark.parametrize('key', [None, 'gpu', 'tensorrt', 'precision', 'source_sha256', 'cameras'])
def test_an_engine_is_built_again_for_anything_else_alone(engine, key):
    wanted = {**NOTE, 'cameras': '2'}
    write_note(engine, {**wanted, 'parity': {'scores': 0.01}})
    assert is_current(engine, {**wanted, key: 'other'} if key else wanted) is (key is None)


def test_an_engine_that_was_never_compared_is_built_again(engine):
    assert not is_current(engine, NOTE)
    engine.unlink()
    assert not is_current(engine, NOTE)
