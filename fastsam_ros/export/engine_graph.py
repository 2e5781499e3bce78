# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A network as TensorRT builds it: every tensor is computed in the type that the graph says.

TensorRT 10 calls that strongly typed, TensorRT 11 knows nothing else; so what an engine rounds is
seen in the graph, and by any runtime that runs it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from fastsam_ros.core.errors import ModelError
from fastsam_ros.export.int8_graph import quantised
from fastsam_ros.export.onnx_files import widen_weights

PICTURES = 'pictures'  # the input's name: (B, H, W, 3) uint8 RGB, as a camera's image is


def engine_graph(
    model: onnx.ModelProto, half: bool, reached: Mapping[str, float] | None = None
) -> onnx.ModelProto:
    """
    A graph for `build_engine`.

    :param model: takes (B, 3, H, W) float32, 0 to 1; batch, height and width free
    :param half: compute in float16, but for the decoding of boxes
    :param reached: by convolutions that are computed in int8, see `int8_graph.ranges`
    :return: a graph that takes pictures, (B, H, W, 3) uint8
    :raises ModelError: when the network has no such input, or no such convolutions
    """
    _check_input(model.graph)
    model = widen_weights(model)
    _count_in_integers(model.graph)
    OnnxModel.graph_topological_sort(model.graph)  # what was added is at the end
    if reached is not None:
        model = quantised(model, reached)
    if half:
        model = _halve(model)
    _take_pictures(model.graph)
    OnnxModel.graph_topological_sort(model.graph)
    onnx.checker.check_model(model, full_check=True)
    return model


def _check_input(graph: onnx.GraphProto) -> None:
    sizes = [[dimension.dim_value for dimension in source.type.tensor_type.shape.dim]
             for source in graph.input]
    if len(sizes) != 1 or sizes[0] != [0, 3, 0, 0]:  # 0 is free
        raise ModelError(
            f'the network takes {sizes}, expected one input of free batch, height and width, '
            '[0, 3, 0, 0], as `fastsam export --to onnx` writes it')


def _count_in_integers(graph: onnx.GraphProto) -> None:
    """Ranges of floats become ranges of integers that are cast: TensorRT counts in these alone."""
    made = {name: node for node in graph.node for name in node.output}
    for node in [node for node in graph.node if node.op_type == 'Range']:
        start = made.get(node.input[0])
        if start is None or _constant(start) is None or _constant(start).dtype != np.float32:
            continue
        whole = [_whole(graph, made[name]) for name in node.input]
        del node.input[:]
        node.input.extend(whole)
        floats = node.output[0]
        node.output[0] = f'{floats}.whole'
        graph.node.append(helper.make_node(
            'Cast', [node.output[0]], [floats], f'{node.name}.floats', to=TensorProto.FLOAT))


def _whole(graph: onnx.GraphProto, node: onnx.NodeProto) -> str:
    """The name of what a node casts to float, or of its constant as an integer."""
    values = _constant(node)
    if values is None:
        return node.input[0]
    name = f'{node.output[0]}.whole'
    graph.initializer.append(numpy_helper.from_array(values.astype(np.int64), name))
    return name


def _constant(node: onnx.NodeProto) -> np.ndarray | None:
    return numpy_helper.to_array(node.attribute[0].t) if node.op_type == 'Constant' else None


def _halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """
    Compute in float16 but for what decodes boxes.

    In float16 their edges would be rounded to half a pixel and more. They are means of
    distributions, the only softmax of the network; all that is computed from it stays float32.
    """
    exact: set[str] = set()  # names of tensors
    nodes: list[str] = []
    for node in model.graph.node:  # in order of computation
        if node.op_type == 'Softmax' or exact.intersection(node.input):
            exact.update(node.output)
            nodes.append(node.name)
    outputs = [output.name for output in model.graph.output if output.name in exact]
    return convert_float_to_float16(
        model, keep_io_types=outputs, node_block_list=nodes, op_block_list=[])


def _take_pictures(graph: onnx.GraphProto) -> None:
    """Begin with bytes: a quarter of the size on their way, and nothing to do before it."""
    source = graph.input[0]
    kind = source.type.tensor_type.elem_type
    white = np.array(255, helper.tensor_dtype_to_np_dtype(kind))
    graph.initializer.append(numpy_helper.from_array(white, 'white'))
    nodes = [
        helper.make_node('Cast', [PICTURES], ['numbers'], 'numbers', to=kind),
        helper.make_node('Transpose', ['numbers'], ['planes'], 'planes', perm=[0, 3, 1, 2]),
        helper.make_node('Div', ['planes', 'white'], [source.name], 'shares')]
    shape = ['batch', 'height', 'width', 3]
    source.CopyFrom(helper.make_tensor_value_info(PICTURES, TensorProto.UINT8, shape))
    graph.node.extend(nodes)
