# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Model files for other runtimes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shutil
import tempfile
from typing import TYPE_CHECKING

import numpy as np

from fastsam_ros import __version__, models
from fastsam_ros.backends.tensorrt.note import is_current, write_note
from fastsam_ros.core.errors import BackendError, ModelError
from fastsam_ros.export.publish import publish, refuse_others
from fastsam_ros.export.request import TORCH, ExportRequest
from fastsam_ros.media.partials import sweep, unfinished
from fastsam_ros.models.metadata import Metadata, alike, metadata_file

if TYPE_CHECKING:
    import openvino as ov


def export(wanted: ExportRequest) -> Path:
    """
    Write the file; it is there whole or not at all.

    :param wanted: what
    :return: where it is
    :raises FastSamError: as `exporting`
    """
    with exporting(wanted):
        return wanted.path


@contextmanager
def exporting(wanted: ExportRequest) -> Iterator[Path]:
    """
    Make the file, to be looked at; it takes its place at the end, unless there is an error.

    It gives where the file is for now. An engine that is there already and was built from and for
    the same is given itself.

    :param wanted: what
    :raises BackendError: when something that it takes is not installed
    :raises ModelError: when the source is broken or no FastSAM
    :raises OutputError: when somebody else's file is there
    """
    write = {
        'onnx': _to_onnx,
        'openvino': _to_openvino,
        'torchscript': _to_torchscript,
        'tensorrt': _to_tensorrt,
    }[wanted.to]
    metadata = describe(wanted)
    known, there = metadata_file(wanted.source), metadata_file(wanted.path)
    is_new = known.is_file() and not alike(known, there)
    refuse_others(wanted.path, is_new)
    wanted.folder.mkdir(parents=True, exist_ok=True)
    sweep(wanted.folder)
    with unfinished(wanted.folder) as folder:
        made = folder / wanted.path.name
        write(wanted, made, metadata)
        beside = metadata_file(made)
        if is_new:
            Metadata.read(known).write(beside, marked=True)
        elif there.is_file():
            shutil.copyfile(there, beside)
        yield made if made.is_file() else wanted.path
        if not is_new:
            beside.unlink(missing_ok=True)
        refuse_others(wanted.path, is_new)  # once more: that may have taken minutes
        publish(made, wanted.path)


def describe(wanted: ExportRequest) -> dict[str, str]:
    """What is kept in the file: where it is from, its licence, and what its outputs mean."""
    return {
        'task': 'segment',
        'names': "{0: 'object'}",
        'stride': '32',
        'imgsz': str([wanted.image_size, wanted.image_size]),
        'precision': wanted.weights,
        'source': wanted.source.name,
        'source_sha256': models.sha256(wanted.source),
        'license': licence_of(wanted.source),
        'exported_by': f'fastsam_ros {__version__}',
    }


def licence_of(path: Path) -> str:
    """
    The licence that a model file names; that of Ultralytics' weights where it names none.

    :raises ModelError: when the file is broken
    """
    readers = {'.onnx': _onnx_metadata, '.safetensors': _safetensors_metadata}
    named = readers[path.suffix](path).get('license', '') if path.suffix in readers else ''
    return named or 'AGPL-3.0'


def _onnx_metadata(path: Path) -> dict[str, str]:
    try:
        from fastsam_ros.export.onnx_files import load_onnx
    except ModuleNotFoundError:  # OpenVINO reads .onnx without it
        return {}
    return {entry.key: entry.value for entry in load_onnx(path).metadata_props}


def _safetensors_metadata(path: Path) -> dict[str, str]:
    try:
        from safetensors import SafetensorError, safe_open
    except ModuleNotFoundError as error:
        raise BackendError('safetensors is not installed: pip install safetensors') from error
    try:
        with safe_open(str(path), 'np') as file:
            return file.metadata() or {}
    except SafetensorError as error:
        raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error


def _network(source: Path):
    """The source as a torch module that takes any size."""
    try:
        from fastsam_ros.backends.checkpoints import load_module
        from fastsam_ros.export.torch_graph import FreeSize
    except ModuleNotFoundError as error:
        raise BackendError(
            f'{source.name} is exported through torch, and {error.name} is not installed: '
            'pip install "fastsam_ros[torch,export]"'
        ) from error
    return FreeSize(load_module(source).fuse(verbose=False))


def _to_onnx(wanted: ExportRequest, path: Path, metadata: dict[str, str]) -> None:
    write = _network_to_onnx if wanted.source.suffix in TORCH else _copy_onnx
    write(wanted.source, path, metadata, wanted.weights == 'fp16')


def _network_to_onnx(
    source: Path, path: Path, metadata: dict[str, str], half: bool = False
) -> None:
    network = _network(source)
    from fastsam_ros.export.torch_graph import write_onnx

    write_onnx(network, path, metadata, half)


def _copy_onnx(source: Path, path: Path, metadata: dict[str, str], half: bool) -> None:
    try:
        from fastsam_ros.export.onnx_files import copy_onnx
    except ModuleNotFoundError as error:
        raise BackendError(
            f'{error.name} is not installed: pip install "fastsam_ros[export]"'
        ) from error
    copy_onnx(source, path, metadata, half)


def _to_torchscript(wanted: ExportRequest, path: Path, metadata: dict[str, str]) -> None:
    network = _network(wanted.source)
    from fastsam_ros.export.torch_graph import write_torchscript

    write_torchscript(network, path, metadata)


def _to_openvino(wanted: ExportRequest, path: Path, metadata: dict[str, str]) -> None:
    import openvino as ov

    model = _openvino_model(wanted, metadata)
    if wanted.weights == 'fp32':
        _widen_weights(model)
    if wanted.weights == 'int8':
        from fastsam_ros.export.int8 import quantise

        model = quantise(model, wanted.calibration, wanted.image_size)
    for key, value in metadata.items():
        model.set_rt_info(value, ['fastsam', key])
    ov.save_model(model, str(path), compress_to_fp16=wanted.weights == 'fp16')


def _openvino_model(wanted: ExportRequest, metadata: dict[str, str]) -> ov.Model:
    import openvino as ov

    if wanted.source.suffix not in TORCH:
        try:
            return ov.Core().read_model(wanted.source)
        except RuntimeError as error:
            raise ModelError(
                f'{wanted.source} cannot be read, it may be truncated: {error}'
            ) from error
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / 'network.onnx'
        _network_to_onnx(wanted.source, path, metadata)
        return ov.convert_model(str(path))


def _widen_weights(model: ov.Model) -> None:
    """Make constants float32 that are float16 in the source, and cast when it is loaded."""
    import openvino as ov
    from openvino import opset8

    for node in model.get_ordered_ops():
        constant = node.input_value(0).get_node() if node.get_type_name() == 'Convert' else None
        if constant is None or constant.get_type_name() != 'Constant':
            continue
        if (constant.get_element_type(), node.get_element_type()) == (ov.Type.f16, ov.Type.f32):
            values = opset8.constant(constant.data.astype(np.float32))
            node.output(0).replace(values.output(0))


def _to_tensorrt(wanted: ExportRequest, path: Path, metadata: dict[str, str]) -> None:
    """Build the engine, unless the one that is there was built from and for the same."""
    try:
        from fastsam_ros.export.engine_graph import engine_graph
        from fastsam_ros.export.onnx_files import load_onnx
    except ModuleNotFoundError as error:
        raise BackendError(
            f'{error.name} is not installed: pip install "fastsam_ros[export]"'
        ) from error
    from fastsam_ros.export.tensorrt import build_engine, target

    note = {**metadata, **target(), 'cameras': str(wanted.cameras), 'ranges': wanted.ranges}
    if is_current(wanted.path, note):
        return
    with tempfile.TemporaryDirectory() as folder:
        graph = wanted.source
        if graph.suffix in TORCH:
            graph = Path(folder) / 'network.onnx'
            _network_to_onnx(wanted.source, graph, metadata)
        reached = _reached(wanted, graph) if wanted.weights == 'int8' else None
        typed = engine_graph(load_onnx(graph), wanted.weights != 'fp32', reached)
    engine = build_engine(typed.SerializeToString(), wanted.image_size, wanted.cameras)
    path.write_bytes(engine)
    write_note(path, note)


def _reached(wanted: ExportRequest, graph: Path) -> dict[str, float]:
    """What convolutions see: measured on the pictures, or for the int8 network that is there."""
    import openvino as ov

    from fastsam_ros.export.int8_graph import ranges

    if not wanted.calibration:
        return ranges(ov.Core().read_model(wanted.measured))
    from fastsam_ros.export.int8 import quantise

    model = ov.convert_model(str(graph))
    return ranges(quantise(model, wanted.calibration, wanted.image_size))
