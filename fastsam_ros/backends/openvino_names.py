# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Features of names as OpenVINO's convolutions leave them, an anchor after the other.

Names of thousands of anchors would take 1 to 2 % of the network's time, and some hundred survive
suppression: `core.masks.names` computes theirs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from fastsam_ros.core.masks.names import Head

OUTPUT = 2  # the number of the one that says names
_PATTERN = ('Result', 'Sigmoid', 'Slice', 'Concat')
_SCORE, _NAMES = (0, 1, 1, 1), (1, 1, 1)  # slices: begin, maybe end, step, axis


class _Layer(NamedTuple):
    """
    The last convolution of a level, of 1 x 1 pixel.

    :param features: (B, C, h, w), what it reads
    :param weights: (1 + K, C) float32, of the score and of names
    :param biases: (1 + K,) float32
    """

    features: ov.Output
    weights: np.ndarray
    biases: np.ndarray

    def score(self) -> ov.Node:
        """Logits (B, 1, h x w) of the score alone."""
        weights, biases = self.weights[:1, :, None, None], self.biases[:1, None, None, None]
        planes = ops.convolution(self.features, weights, [1, 1], [0, 0], [0, 0], [1, 1])
        return ops.reshape(ops.add(planes, biases), [0, 1, -1], True)

    def leaving(self, element: ov.Type) -> ov.Node:
        """Features (B, h, w, C)."""
        return ops.convert(ops.transpose(self.features, [0, 2, 3, 1]), element.to_string())

    def head(self) -> Head:
        """What makes logits of names."""
        return Head(np.ascontiguousarray(self.weights[1:].T), self.biases[1:])


def with_features(model: ov.Model, element: ov.Type) -> tuple[ov.Model, list[Head]]:
    """
    A network whose outputs from the third on are features (B, h, w, C) of the levels.

    All else that it says stays as it is, to the last bit.

    :param model: as `fastsam export` writes it: levels (B, 1 + K, h, w) of convolutions are
        reshaped, joined, cut into score and names, and then go through sigmoids; it is not changed
    :param element: of features: that in which the network computes. With another one OpenVINO
        would compute them otherwise, and the score of them
    :return: the network, and what makes names of each level's features; where it is another
        network, that one and nothing
    """
    changed = model.clone()
    joined = _joined(changed)
    layers = [] if joined is None else [
        _layer(port.get_node().input_value(0).get_node()) for port in joined.input_values()]
    if not layers or None in layers:
        return model, []
    scores = ops.concat([layer.score() for layer in layers], 2)
    for reader in joined.output(0).get_target_inputs():
        reader.replace_source_output(scores.output(0))
    ends = [output.get_node().input_value(0) for output in changed.outputs[:OUTPUT]]
    ends += [layer.leaving(element) for layer in layers]
    network = ov.Model(
        [ops.result(end) for end in ends], changed.get_parameters(), changed.get_name())
    return network, [layer.head() for layer in layers]


def _layer(node: ov.Node) -> _Layer | None:
    """The convolution whose biases a node adds, if it is one."""
    if node.get_type_name() != 'Add':
        return None
    convolution = node.input_value(0).get_node()
    if convolution.get_type_name() != 'Convolution':
        return None
    weights, biases = (_constant(each.input_value(1)) for each in (convolution, node))
    steps = convolution.get_attributes()
    moves = [*steps['strides'], *(1 + pad for pad in steps['pads_begin'] + steps['pads_end'])]
    if weights is None or biases is None or set(moves) != {1}:
        return None
    if weights.shape[2:] != (1, 1) or biases.shape != (1, len(weights), 1, 1):
        return None
    return _Layer(convolution.input_value(0), weights[:, :, 0, 0], biases.ravel())


def _constant(port: ov.Output) -> np.ndarray | None:
    """The values of a constant in float32; None of what is none."""
    node = port.get_node()
    while node.get_type_name() in ('Convert', 'Reshape'):
        node = node.input_value(0).get_node()
    if node.get_type_name() != 'Constant' or port.get_partial_shape().is_dynamic:
        return None
    return node.data.astype(np.float32).reshape(tuple(port.get_shape()))


def _joined(model: ov.Model) -> ov.Node | None:
    """Where logits of all levels become one tensor, if nobody reads it but for score and names."""
    nodes = [output.get_node() for output in model.outputs[OUTPUT:]]
    if len(nodes) != 1:
        return None
    while len(nodes) < len(_PATTERN) and nodes[-1].get_type_name() == _PATTERN[len(nodes) - 1]:
        nodes.append(nodes[-1].input_value(0).get_node())
    joined = nodes[-1]
    if joined.get_type_name() != _PATTERN[-1] or joined.get_attributes()['axis'] not in (2, -1):
        return None
    cuts = {_cut(reader.get_node()) for reader in joined.output(0).get_target_inputs()}
    begin, _, *rest = _cut(nodes[-2]) or (None, None)
    right = len(cuts) == 2 and _SCORE in cuts and (begin, *rest) == _NAMES
    return joined if right and all(map(_is_level, joined.input_values())) else None


def _cut(node: ov.Node) -> tuple[int, ...] | None:
    """Begin, end, step and axis of a slice; None of what is none, or not known before it runs."""
    values = [port.get_node() for port in node.input_values()[1:]]
    if node.get_type_name() != 'Slice' or len(values) != 4:
        return None
    if any(value.get_type_name() != 'Constant' or value.data.size != 1 for value in values):
        return None
    return tuple(int(value.data.item()) for value in values)


def _is_level(port: ov.Output) -> bool:
    """Whether it is (B, C, h x w), reshaped from (B, C, h, w)."""
    node = port.get_node()
    if node.get_type_name() != 'Reshape':
        return False
    flat, planes = port.get_partial_shape(), node.input_value(0).get_partial_shape()
    ranks = flat.rank == ov.Dimension(3) and planes.rank == ov.Dimension(4)
    return ranks and planes[1].is_static and flat[1] == planes[1]
