# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Names as OpenVINO's convolutions leave them: an anchor after the other.

Of thousands of anchors some hundred survive suppression. Planes of names, each through a sigmoid,
would cost as much again as the convolutions that find them.
"""

from __future__ import annotations

import openvino as ov
from openvino import opset13 as ops

OUTPUT = 2  # the number of the one that says names
_PATTERN = ('Result', 'Sigmoid', 'Slice', 'Concat')
_SCORE, _NAMES = (0, 1, 1, 1), (1, 1, 1)  # slices: begin, maybe end, step, axis


def by_anchor(model: ov.Model) -> ov.Model | None:
    """
    A network whose third output are logits (B, A, 1 + K) of the score and of names.

    All else that it says stays as it is, to the last bit.

    :param model: as `fastsam export` writes it: levels (B, 1 + K, h, w) are reshaped, joined, cut
        into score and names, and then go through sigmoids; it is not changed
    :return: None where it is another one
    """
    model = model.clone()
    joined = _joined(model)
    if joined is None:
        return None
    levels = [port.get_node().input_value(0) for port in joined.input_values()]
    channels = levels[0].get_partial_shape()[1].get_length()
    scores = [
        ops.reshape(ops.slice(level, [0], [1], [1], [1]), [0, 1, -1], True) for level in levels]
    rows = [
        ops.reshape(ops.transpose(level, [0, 2, 3, 1]), [0, -1, channels], True)
        for level in levels]
    scores, names = ops.concat(scores, 2), ops.concat(rows, 1)
    for reader in joined.output(0).get_target_inputs():
        reader.replace_source_output(scores.output(0))
    ends = [*(output.get_node().input_value(0) for output in model.outputs[:OUTPUT]), names]
    return ov.Model([ops.result(end) for end in ends], model.get_parameters(), model.get_name())


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
