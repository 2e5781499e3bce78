# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
An int8 graph for TensorRT, from what was measured for OpenVINO.

TensorRT takes pairs of QuantizeLinear and DequantizeLinear around what is to be computed in int8,
symmetric about 0. OpenVINO's ranges are not; the larger of their ends is taken, so a unit of
SiLU's outputs, which reach little below 0, has half as many steps.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import helper, numpy_helper, version_converter
import openvino as ov

from fastsam_ros.core.errors import ModelError

OPSET = 19  # from which on scales may be float16
MOST = 127  # steps on each side of 0
_BIASED = '/WithoutBiases'  # what OpenVINO appends to the name of a convolution of ONNX


def ranges(model: ov.Model) -> dict[str, float]:
    """
    What the inputs of convolutions were seen to reach, either side of 0.

    :param model: quantised by `int8.quantise`
    :return: by the convolution's name in ONNX; those that stay in float are not in it
    """
    found = {}
    for node in model.get_ordered_ops():
        if node.get_type_name() == 'Convolution':
            ends = _ends(node.input_value(0).get_node())
            if ends:
                found[node.get_friendly_name().removesuffix(_BIASED)] = max(ends)
    return found


def _ends(node: ov.Node) -> list[float]:
    """Of a quantised tensor, or of all that it is put together from; [] where one is in float."""
    if node.get_type_name() == 'Concat':
        parts = [_ends(value.get_node()) for value in node.input_values()]
        return [end for part in parts for end in part] if all(parts) else []
    if node.get_type_name() == 'MaxPool':
        return _ends(node.input_value(0).get_node())
    if node.get_type_name() != 'FakeQuantize':
        return []
    low, high = (node.input_value(index).get_node().data for index in (1, 2))
    return [float(max(np.abs(low).max(), np.abs(high).max()))]


def quantised(model: onnx.ModelProto, reached: Mapping[str, float]) -> onnx.ModelProto:
    """
    Compute convolutions in int8: their inputs with one scale each, weights with one a channel.

    :param model: in float32; changed
    :param reached: see `ranges`
    :return: the graph with its pairs
    :raises ModelError: when it lacks one of these convolutions
    """
    model = version_converter.convert_version(model, OPSET)
    graph, nodes = model.graph, []
    weights = {tensor.name: tensor for tensor in graph.initializer}
    graph.initializer.append(numpy_helper.from_array(np.zeros((), np.int8), 'zero'))
    made: set[str] = set()
    missing = reached.keys() - {node.name for node in graph.node if node.op_type == 'Conv'}
    if missing or not reached:
        raise ModelError(
            f'the int8 network was made from another graph, {len(missing)} of its {len(reached)} '
            'convolutions are not in this one: give --calibration a folder of pictures')
    for node in graph.node:
        if node.op_type == 'Conv' and node.name in reached and node.input[1] in weights:
            scale = np.float32(reached[node.name] / MOST)
            node.input[0] = _pair(graph, nodes, made, node.input[0], scale)
            node.input[1] = _weights(graph, nodes, made, weights[node.input[1]])
        nodes.append(node)
    used = {name for node in nodes for name in node.input}  # weights in float are not any more
    rest = helper.make_graph(
        nodes, graph.name, graph.input, graph.output,
        [tensor for tensor in graph.initializer if tensor.name in used])
    graph.CopyFrom(rest)
    return model


def _pair(graph, nodes: list, made: set[str], tensor: str, scale: np.float32) -> str:
    """A tensor rounded to int8, once for all that read it with the same scale."""
    name = f'{tensor}.{scale:.6g}'
    if name not in made:
        made.add(name)
        graph.initializer.append(numpy_helper.from_array(np.array(scale), f'{name}.scale'))
        nodes += [
            helper.make_node(
                'QuantizeLinear', [tensor, f'{name}.scale', 'zero'], [f'{name}.int8'],
                f'{name}.quantise'),
            helper.make_node(
                'DequantizeLinear', [f'{name}.int8', f'{name}.scale', 'zero'], [name],
                f'{name}.dequantise')]
    return name


def _weights(graph, nodes: list, made: set[str], tensor: onnx.TensorProto) -> str:
    """Weights in int8, a scale an output channel."""
    name, values = f'{tensor.name}.rounded', numpy_helper.to_array(tensor)
    if name in made:
        return name
    made.add(name)
    scales = np.abs(values).reshape(len(values), -1).max(axis=1) / np.float32(MOST)
    scales = np.maximum(scales, np.finfo(np.float16).tiny).astype(np.float32)
    steps = np.rint(values / scales.reshape(-1, *[1] * (values.ndim - 1)))
    for suffix, array in (
            ('int8', steps.astype(np.int8)), ('scale', scales),
            ('zero', np.zeros(len(scales), np.int8))):
        graph.initializer.append(numpy_helper.from_array(array, f'{name}.{suffix}'))
    nodes.append(helper.make_node(
        'DequantizeLinear', [f'{name}.{suffix}' for suffix in ('int8', 'scale', 'zero')], [name],
        f'{name}.dequantise', axis=0))
    return name
