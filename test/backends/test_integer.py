# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The int8 network beside a model: who gets it, and that it finds the same."""

import sys

import numpy as np
import pytest

from fastsam_ros.backends import choose, integer
from fastsam_ros.fastsam import FastSam
from fastsam_ros.models import shipped

FLAGS = 'flags\t\t: fpu vme sse4_2 avx2 {}\n'


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Makes the kernel describe a processor."""
    def make(*flags):
        path = tmp_path / f'cpuinfo{len(flags)}'
        path.write_text('processor\t: 0\n' + FLAGS.format(' '.join(flags)))
        monkeypatch.setattr(integer, 'PROCESSORS', path)

    return make


def iou(scene, other):
    """Mean IoU of each of the other's segments with its best one here."""
    ours, theirs = (s.masks().reshape(len(s), -1).astype(np.float32) for s in (scene, other))
    shared = ours @ theirs.T
    return (shared / (ours.sum(1)[:, None] + theirs.sum(1) - shared)).max(0).mean()


def test_auto_takes_it_where_the_processor_has_instructions_for_it(processor):
    processor('avx512f', 'avx512_vnni')
    assert all(integer.usable(shipped(), device, 'auto') for device in ('auto', 'cpu', 'CPU'))
    assert FastSam().precision == 'int8'


def test_auto_leaves_it_where_the_processor_has_none(processor):
    processor('avx512f')
    assert FastSam().precision != 'int8'
    assert 'avx512_vnni' in integer.why_not(shipped(), 'auto', 'auto')


def test_auto_leaves_it_where_bfloat16_is_as_fast(processor):
    processor('avx512f', 'avx512_vnni', 'amx_bf16', 'amx_int8')
    assert FastSam().precision != 'int8'
    assert 'amx_bf16' in integer.why_not(shipped(), 'auto', 'auto')


@pytest.mark.parametrize('flags', [(), ('amx_bf16', 'amx_int8')])
def test_who_asks_for_it_gets_it_on_any_processor(processor, flags):
    processor(*flags)
    assert FastSam(precision='int8').precision == 'int8'


@pytest.mark.parametrize('device, precision, word', [
    ('CPU', 'fp32', 'fp32'), ('GPU', 'auto', 'GPU'), ('cuda', 'auto', 'cuda'),
    ('cuda:1', 'int8', 'cuda:1'),
])
def test_who_asks_for_something_else_does_not(processor, device, precision, word):
    processor('avx_vnni')
    assert word in integer.why_not(shipped(), device, precision)


def test_a_model_without_one_does_without(processor, tmp_path):
    processor('avx_vnni')
    assert 'no int8 network' in integer.why_not(tmp_path / 'mine.onnx', 'auto', 'auto')


def test_where_nobody_describes_the_processor_nothing_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr(integer, 'PROCESSORS', tmp_path / 'none')
    assert not integer.usable(shipped(), 'auto', 'auto')


def test_where_openvino_cannot_be_imported_other_runtimes_get_the_model(processor, monkeypatch):
    processor('avx_vnni')
    monkeypatch.setitem(sys.modules, 'openvino', None)
    assert choose(shipped(), 'cpu', 'auto') == (shipped(), ('openvino', 'onnxruntime'))


def test_it_finds_what_the_network_in_float32_finds(photographs):
    exact, fast = FastSam(precision='fp32'), FastSam(precision='int8')
    assert fast.names == exact.names
    for name in ('coffee', 'astronaut'):
        scene, expected = fast(photographs[name]), exact(photographs[name])
        assert abs(len(scene) - len(expected)) <= 0.25 * len(expected) + 1
        assert iou(scene, expected) > 0.85
