# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""TensorRT engines, built for the GPU of this machine."""

from __future__ import annotations

from fastsam_ros.backends.tensorrt import check_version
from fastsam_ros.backends.tensorrt.gpu import find_gpu
from fastsam_ros.core.errors import BackendError, ModelError

LEAST_SIDE = 64  # pixels
WORKSPACE = 4 << 30  # bytes that TensorRT may try tactics with


def target() -> dict[str, str]:
    """
    What an engine that is built here is for.

    :raises BackendError: when TensorRT or a GPU is not there
    """
    return {'tensorrt': _tensorrt().__version__, **find_gpu(0).described()}


def build_engine(graph: bytes, image_size: int, cameras: int) -> bytes:
    """
    Build an engine; it is of use only on this kind of GPU and with this version of TensorRT.

    :param graph: ONNX, as `engine_graph` makes it
    :param image_size: longest side of inputs, pixels; they are tuned for 4:3 of it
    :param cameras: most images in a run, for which it is tuned
    :raises BackendError: when TensorRT or a GPU is not there, or the engine can't be built
    :raises ModelError: when TensorRT can't read the graph
    """
    trt = _tensorrt()
    logger = trt.Logger(trt.Logger.WARNING)
    try:
        builder = trt.Builder(logger)
    except (RuntimeError, TypeError) as error:
        raise BackendError(
            f'TensorRT {trt.__version__} found no GPU: check the driver (nvidia-smi). '
            'An engine is built on the machine that it will run on'
        ) from error
    flag = 1 << int(trt.NetworkDefinitionCreationFlag.STRONGLY_TYPED)  # TensorRT 11 ignores it
    network = builder.create_network(flag)
    parser = trt.OnnxParser(network, logger)
    if not parser.parse(graph):
        reasons = '; '.join(str(parser.get_error(n)) for n in range(parser.num_errors))
        raise ModelError(f'TensorRT cannot read the graph: {reasons}')
    config = builder.create_builder_config()
    config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, WORKSPACE)
    profile = builder.create_optimization_profile()
    profile.set_shape(network.get_input(0).name, *shapes(image_size, cameras))
    config.add_optimization_profile(profile)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise BackendError('TensorRT could not build the engine; its reasons are above')
    return bytes(engine)


def shapes(image_size: int, cameras: int) -> tuple[tuple[int, int, int, int], ...]:
    """The smallest, usual and largest input: B, H, W, 3."""
    usual = max(image_size * 3 // 4 // 32 * 32, LEAST_SIDE)
    return (
        (1, LEAST_SIDE, LEAST_SIDE, 3), (cameras, usual, image_size, 3),
        (cameras, image_size, image_size, 3))


def _tensorrt():
    try:
        import tensorrt
    except ImportError as error:
        raise BackendError(
            f'TensorRT cannot be imported ({error}): pip install tensorrt, or on a Jetson apt '
            'install python3-libnvinfer. Engines are built on the GPU that they will run on'
        ) from error
    check_version(tensorrt.__version__)
    return tensorrt
