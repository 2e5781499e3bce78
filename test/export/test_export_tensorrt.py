# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What engines are built with; no machine of ours has TensorRT."""

from types import SimpleNamespace

import pytest

from fastsam_ros.core.errors import BackendError
from fastsam_ros.export.tensorrt import allow_half, share_profile


class Layer:
    """As much of a layer as the builder asks for."""

    precision = None

    def __init__(self, kind, inputs, outputs):
        self.type = kind
        self.inputs = [name and SimpleNamespace(name=name) for name in inputs]
        self.outputs = [SimpleNamespace(name=name, dtype=dtype) for name, dtype in outputs]
        self.num_inputs, self.num_outputs = len(inputs), len(outputs)
        self.get_input, self.get_output = self.inputs.__getitem__, self.outputs.__getitem__
        self.types = {}
        self.set_output_type = self.types.__setitem__


@pytest.fixture
def layers():
    """The end of a network: distances and boxes, coefficients beside them, and a shape."""
    return {
        'convolution': Layer('CONVOLUTION', ['images'], [('sides', 'float')]),
        'softmax': Layer('SOFTMAX', ['sides'], [('shares', 'float')]),
        'coefficients': Layer('CONVOLUTION', ['images'], [('coefficients', 'float')]),
        'mean': Layer('REDUCE', ['shares'], [('distances', 'float')]),
        'shape': Layer('SHAPE', ['distances'], [('size', 'int64')]),
        'anchors': Layer('FILL', ['size', None], [('anchors', 'float')]),
        'edges': Layer('ELEMENTWISE', ['anchors', 'distances'], [('edges', 'float')]),
        'all': Layer('CONCATENATION', ['edges', 'coefficients'], [('output0', 'float')]),
    }


@pytest.fixture
def network(layers):
    listed = list(layers.values())
    return SimpleNamespace(num_layers=len(listed), get_layer=listed.__getitem__)


def tensorrt(version, *flags):
    """A module that stands for `tensorrt`."""
    return SimpleNamespace(
        __version__=version, float32='float', float16='half',
        LayerType=SimpleNamespace(SOFTMAX='SOFTMAX'),
        BuilderFlag=SimpleNamespace(**{flag: flag for flag in flags}))


def test_boxes_are_decoded_in_float32(layers, network):
    flags = []
    trt = tensorrt('10.3.0', 'FP16', 'OBEY_PRECISION_CONSTRAINTS')
    allow_half(trt, network, SimpleNamespace(set_flag=flags.append))
    assert flags == ['FP16', 'OBEY_PRECISION_CONSTRAINTS']
    exact = [name for name, layer in layers.items() if layer.precision == 'float']
    assert exact == ['softmax', 'mean', 'edges', 'all']
    assert [name for name, layer in layers.items() if layer.types == {0: 'float'}] == exact


def test_a_tensorrt_without_float16_says_what_to_do(network):
    """From 11 on it computes in the types of the graph."""
    with pytest.raises(BackendError, match=r'tensorrt<11.*--precision fp32'):
        allow_half(tensorrt('11.4.0'), network, SimpleNamespace(set_flag=pytest.fail))


@pytest.mark.parametrize('version, expected', [('8.6.1', [('shared', True)]), ('10.3.0', [])])
def test_several_contexts_may_use_the_profile(version, expected):
    trt, asked = tensorrt(version), []
    if version < '9':
        trt.PreviewFeature = SimpleNamespace(PROFILE_SHARING_0806='shared')
    share_profile(trt, SimpleNamespace(set_preview_feature=lambda *what: asked.append(what)))
    assert asked == expected


def test_a_tensorrt_that_has_no_such_profiles_is_refused():
    with pytest.raises(BackendError, match=r'8\.6 or newer'):
        share_profile(tensorrt('8.5.3'), SimpleNamespace())
