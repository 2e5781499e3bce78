# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ONNX files, without torch."""

from __future__ import annotations

from pathlib import Path

from google.protobuf.message import DecodeError
import numpy as np
import onnx
from onnx import helper, numpy_helper

from fastsam_ros.core.errors import ModelError

SMALLEST_HALVED = 64  # elements; smaller constants cost nothing


def load_onnx(path: Path) -> onnx.ModelProto:
    """
    Read a graph.

    :param path: of an .onnx file
    :raises ModelError: when it is broken
    """
    try:
        return onnx.load(str(path))
    except DecodeError as error:
        raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error


def copy_onnx(source: Path, path: Path, metadata: dict[str, str], half: bool) -> None:
    """
    Write a graph again, with metadata.

    :param source: an .onnx file
    :param path: of the new file
    :param metadata: kept in the file
    :param half: keep the weights in float16; arithmetic stays float32. Else all are float32
    :raises ModelError: when the source is broken
    """
    model = load_onnx(source)
    save_onnx(halve_weights(model) if half else widen_weights(model), path, metadata)


def save_onnx(model: onnx.ModelProto, path: Path, metadata: dict[str, str]) -> None:
    """
    Check a graph and write it with metadata, beside what it has already.

    :param model: the graph, changed in place
    :param path: of the file
    :param metadata: kept in the file
    """
    known = {entry.key: entry.value for entry in model.metadata_props}
    helper.set_model_props(model, {**known, **metadata})
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, str(path))


def halve_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """
    Store weights in float16 and cast them back when the file is loaded.

    :param model: changed in place
    :return: the same model
    """
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size >= SMALLEST_HALVED:
            name = weight.name
            weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f'{name}.half'))
            casts.append(helper.make_node('Cast', [f'{name}.half'], [name], to=1))
    nodes = casts + list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def widen_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """
    Store weights in float32 that were float16 and cast when the file is loaded.

    :param model: changed in place
    :return: the same model
    """
    halves = {weight.name: weight for weight in model.graph.initializer
              if weight.data_type == onnx.TensorProto.FLOAT16}
    kept, widened = [], set()
    for node in model.graph.node:
        weight = halves.get(node.input[0]) if node.op_type == 'Cast' else None
        if weight is None or node.attribute[0].i != onnx.TensorProto.FLOAT:
            kept.append(node)
            continue
        values = numpy_helper.to_array(weight).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(values, node.output[0]))
        widened.add(weight.name)
    used = {name for node in kept for name in node.input}
    weights = [w for w in model.graph.initializer if w.name not in widened or w.name in used]
    del model.graph.node[:], model.graph.initializer[:]
    model.graph.node.extend(kept)
    model.graph.initializer.extend(weights)
    return model
