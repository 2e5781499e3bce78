# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TensorRT engines, built for the GPU of this machine."""

from __future__ import annotations

from pathlib import Path

from fastsam_ros.core.errors import BackendError, ModelError

LEAST_SIDE = 64  # pixels
MOST_BATCH = 8  # cameras at once
WORKSPACE = 4 << 30  # bytes that TensorRT may try tactics with


def build_engine(graph: Path, image_size: int, half: bool) -> tuple[bytes, dict[str, str]]:
    """
    Build an engine; it is of use only on this kind of GPU and with this version of TensorRT.

    :param graph: an .onnx file whose batch, height and width are free
    :param image_size: longest side of inputs, pixels; they are tuned for 4:3 of it
    :param half: compute in float16 where that is faster
    :return: the engine, and what it was built for
    :raises BackendError: when TensorRT or a GPU is not there, or the engine can't be built, as in
        float16 by TensorRT 11
    :raises ModelError: when TensorRT can't read the graph
    """
    trt = _tensorrt()
    about = {'tensorrt': trt.__version__, **_gpu()}
    logger = trt.Logger(trt.Logger.WARNING)
    try:
        builder = trt.Builder(logger)
    except (RuntimeError, TypeError) as error:
        raise BackendError(
            f'TensorRT {trt.__version__} found no GPU: check the driver (nvidia-smi). '
            'An engine is built on the machine that it will run on'
        ) from error
    network = builder.create_network(_flags(trt))
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(graph.read_bytes()):
        reasons = '; '.join(str(parser.get_error(n)) for n in range(parser.num_errors))
        raise ModelError(f'TensorRT cannot read {graph.name}: {reasons}')
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE)
    if half:
        allow_half(trt, network, config)
    share_profile(trt, config)
    config.add_optimization_profile(_profile(builder, network, image_size))
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise BackendError('TensorRT could not build the engine; its reasons are above')
    return bytes(engine), about


def _tensorrt():
    try:
        import tensorrt
    except ModuleNotFoundError as error:
        raise BackendError(
            'TensorRT is not installed: pip install tensorrt, of version 10 for float16, or '
            'on a Jetson apt install python3-libnvinfer. Engines are built on the GPU that they '
            'will run on'
        ) from error
    return tensorrt


def _flags(trt) -> int:
    """Batch sizes are always explicit from TensorRT 10 on; before, they had to be asked for."""
    flag = getattr(trt.NetworkDefinitionCreationFlag, 'EXPLICIT_BATCH', None)
    return 0 if flag is None or int(trt.__version__.split('.')[0]) >= 10 else 1 << int(flag)


def allow_half(trt, network, config) -> None:
    """
    Compute in float16 where that is faster, but for the decoding of boxes.

    In float16 their edges would be rounded to half a pixel and more. They are means of
    distributions, the only softmax of the network; all that is computed from it stays float32.
    """
    names = 'FP16', 'OBEY_PRECISION_CONSTRAINTS'
    flags = [getattr(trt.BuilderFlag, name, None) for name in names]
    if None in flags:
        raise BackendError(
            f'TensorRT {trt.__version__} computes in float32 alone what is float32 in the graph: '
            "pip install 'tensorrt<11', or export with --precision fp32")
    for flag in flags:
        config.set_flag(flag)
    exact: set[str] = set()  # names of tensors
    for layer in map(network.get_layer, range(network.num_layers)):  # in order of computation
        inputs = map(layer.get_input, range(layer.num_inputs))
        decodes = any(tensor is not None and tensor.name in exact for tensor in inputs)
        outputs = [layer.get_output(index) for index in range(layer.num_outputs)]
        numbers = all(tensor.dtype in (trt.float32, trt.float16) for tensor in outputs)
        if numbers and (decodes or layer.type == trt.LayerType.SOFTMAX):
            exact.update(tensor.name for tensor in outputs)
            layer.precision = trt.float32
            for index in range(layer.num_outputs):
                layer.set_output_type(index, trt.float32)


def share_profile(trt, config) -> None:
    """
    Let several contexts use the one profile, as a recording of each input shape does.

    :raises BackendError: by a TensorRT that cannot
    """
    if int(trt.__version__.split('.')[0]) >= 10:  # it always is
        return
    feature = getattr(getattr(trt, 'PreviewFeature', None), 'PROFILE_SHARING_0806', None)
    if feature is None:
        raise BackendError(f'TensorRT {trt.__version__} is too old: 8.6 or newer is needed')
    config.set_preview_feature(feature, True)


def _profile(builder, network, image_size: int):
    """The smallest, usual and largest input."""
    profile = builder.create_optimization_profile()
    usual = (1, 3, max(image_size * 3 // 4 // 32 * 32, LEAST_SIDE), image_size)
    least, most = (1, 3, LEAST_SIDE, LEAST_SIDE), (MOST_BATCH, 3, image_size, image_size)
    profile.set_shape(network.get_input(0).name, least, usual, most)
    return profile


def _gpu() -> dict[str, str]:
    """Name and compute capability of the GPU that the engine is built for, as torch calls them."""
    try:
        import torch
    except ModuleNotFoundError as error:
        raise BackendError(
            'engines are used through torch, which is not installed: pip install torch'
        ) from error
    if not torch.cuda.is_available():
        raise BackendError(
            f'torch {torch.__version__} sees no GPU to build an engine for: check the driver '
            '(nvidia-smi) and that torch is a CUDA build'
        )
    major, minor = torch.cuda.get_device_capability(0)
    return {'gpu': torch.cuda.get_device_name(0), 'compute_capability': f'{major}.{minor}'}
