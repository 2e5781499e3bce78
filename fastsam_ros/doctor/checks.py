# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

from collections.abc import Iterator
import importlib
import importlib.metadata
import importlib.util
import json
from pathlib import Path
import platform
import sys

from rich.console import Console

from fastsam_ros import models
from fastsam_ros.backends import integer
from fastsam_ros.backends.tensorrt.gpu import Gpu, find_gpu
from fastsam_ros.core import BackendError, FastSamError
from fastsam_ros.doctor.findings import Finding, State
from fastsam_ros.export.parity import still_life
from fastsam_ros.fastsam import FastSam

MARKS = {
    State.GOOD: '[green]✓[/green]',
    State.NOTE: '[yellow]·[/yellow]',
    State.BAD: '[red]✗[/red]',
}
SIDE = 320  # of the network's input while trying, pixels

# What is imported as, installed as, and used for. Large ones are not imported just to see whether
# they are there: those that run models are tried with one.
NEEDED = (
    ('numpy', 'numpy', 'everything'),
    ('cv2', 'opencv-python-headless', 'everything'),
    ('PIL', 'pillow', 'fastsam segment'),
)
USEFUL = (
    ('openvino', 'openvino', 'the model on a CPU or Intel GPU'),
    ('onnxruntime', 'onnxruntime', 'the model without OpenVINO'),
    ('av', 'av', 'fastsam segment on videos'),
    ('rosbags', 'rosbags', 'fastsam segment on bags'),
    ('tokenizers', 'tokenizers', 'text prompts'),
    ('fastapi', 'fastapi', 'the web page'),
)
LARGE = (
    ('torch', 'torch', '.pt models and NVIDIA GPUs'),
    ('ultralytics', 'ultralytics', '.pt and .safetensors models'),
    ('tensorrt', 'tensorrt', '.engine models'),
    ('cuda', 'cuda-bindings', '.engine models without torch'),
    ('open_clip', 'open_clip_torch', 'published text models, until they are exported'),
    ('nncf', 'nncf', 'fastsam export --precision int8'),
)


def run(model: str, trust: bool, wait: float, as_json: bool) -> int:
    """
    Look at everything and say what was found.

    :param model: as `--model`
    :param trust: as `--trust`
    :param wait: for cameras, seconds
    :param as_json: for a program
    :return: the exit code: 1 when something is bad
    """
    found = []
    for finding in look(model, trust, wait):
        found.append(finding)
        if not as_json:
            _print(finding, found[-2].topic if len(found) > 1 else '')
    if as_json:
        rows = [{**vars(finding), 'state': finding.state.value} for finding in found]
        good = all(finding.state is not State.BAD for finding in found)
        print(json.dumps({'good': good, 'findings': rows}, indent=2))
    return int(any(finding.state is State.BAD for finding in found))


def _print(finding: Finding, topic: str) -> None:
    console = Console(highlight=False, soft_wrap=True)
    if finding.topic != topic:
        console.print(f'[bold]{finding.topic}[/bold]')
    mark = MARKS[finding.state]
    console.print(f'  {mark} {finding.name}: ', end='')
    console.print(finding.text, markup=False)
    if finding.advice:
        console.print(f'      {finding.advice}', style='cyan', markup=False)


def look(model: str, trust: bool, wait: float) -> Iterator[Finding]:
    """
    Look at everything, one after the other.

    :param model: as `--model`
    :param trust: as `--trust`
    :param wait: for cameras, seconds
    """
    yield _python()
    yield from (check_library(*library, State.BAD) for library in NEEDED)
    yield from (check_library(*library, State.NOTE) for library in USEFUL)
    yield from (_large_library(*library) for library in LARGE)
    yield from _devices()
    yield from _model(model, trust)
    if importlib.util.find_spec('rclpy') is None:
        text = 'there is none in this shell; everything but the node works without'
        yield Finding('ROS', 'rclpy', State.NOTE, text, _ros_advice())
        return
    from fastsam_ros.doctor.ros_checks import look_at_ros

    yield from look_at_ros(wait)


def _ros_advice() -> str:
    found = sorted(Path('/opt/ros').glob('*/setup.bash'))
    if found:
        return f'. {found[-1]}, and the install/setup.bash of your workspace'
    return 'for the node: . scripts/env.sh in a checkout, after `make demo`'


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < (3, 10):
        return Finding('Python', version, State.BAD, 'too old', 'use Python 3.10 or newer')
    return Finding('Python', version, State.GOOD, sys.executable)


def check_library(module: str, distribution: str, use: str, missing: State) -> Finding:
    """Import it, which tells more than looking: a library may lack one of its own."""
    advice = f'pip install {distribution}'
    try:
        version = getattr(importlib.import_module(module), '__version__', 'there')
    except ModuleNotFoundError as error:
        if error.name == module:
            text = f'not installed; for {use}'
            return Finding('Libraries', module, missing, text, advice)
        text = f'broken, it lacks {error.name}; for {use}'
        return Finding('Libraries', module, missing, text, f'pip install {error.name}')
    except Exception as error:  # a broken library may raise anything at its import
        text = f'broken: {_first_line(error)}; for {use}'
        return Finding('Libraries', module, missing, text, f'{advice} --force-reinstall')
    return Finding('Libraries', module, State.GOOD, f'{version}; for {use}')


def _large_library(module: str, distribution: str, use: str) -> Finding:
    if not importlib.util.find_spec(module):
        text = f'not installed; for {use}'
        return Finding('Libraries', module, State.NOTE, text, f'pip install {distribution}')
    names = importlib.metadata.packages_distributions().get(module, [distribution])
    return Finding('Libraries', module, State.GOOD, f'{_version(names[0])}; for {use}')


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return 'there'


def _devices() -> Iterator[Finding]:
    if importlib.util.find_spec('openvino'):
        import openvino as ov

        core = ov.Core()
        for device in core.available_devices:
            name = core.get_property(device, 'FULL_DEVICE_NAME')
            yield Finding('Devices', f'{device} (OpenVINO)', State.GOOD, name)
    yield _cuda()


def _cuda() -> Finding:
    """Whether torch sees a GPU, or cuda-python, which is enough for engines of TensorRT."""
    try:
        gpu = find_gpu(0)
    except BackendError as error:
        text, _, advice = str(error).partition('. ')
        state = State.BAD if _nvidia() else State.NOTE
        return Finding('Devices', 'CUDA', state, text, advice if _nvidia() else '')
    if not gpu.in_torch:
        return _without_torch(gpu)
    free, total = importlib.import_module('torch').cuda.mem_get_info()
    text = f'{gpu.name}, {free >> 20} of {total >> 20} MiB free'
    return Finding('Devices', 'CUDA', State.GOOD, text)


def _without_torch(gpu: Gpu) -> Finding:
    """Whether masks can be made on that GPU as well, by kernels that are compiled for it."""
    text = f'{gpu.name}, for engines of TensorRT alone'
    try:
        importlib.import_module('fastsam_ros.backends.tensorrt.nvrtc').cubin(gpu.compute_capability)
    except (ImportError, RuntimeError) as error:
        text += f'; masks are made on the CPU: {error}'
        return Finding('Devices', 'CUDA', State.NOTE, text,
                       'pip install --upgrade nvidia-cuda-nvrtc')
    return Finding('Devices', 'CUDA', State.GOOD, text)


def _nvidia() -> bool:
    return Path('/proc/driver/nvidia').exists() or Path('/dev/nvidia0').exists()


def _model(name: str, trust: bool) -> Iterator[Finding]:
    """What would be loaded, and whether every runtime that reads it finds something with it."""
    try:
        path = models.resolve(name)
        models.check_trust(path, trust)
    except FastSamError as error:
        yield Finding('Model', name or 'fastsam-n', State.BAD, str(error))
        return
    text = f'{path}, {path.stat().st_size / 1e6:.1f} MB'
    yield Finding('Model', path.stem, State.GOOD, text)
    yield _try(path, 'by itself', trust)
    if integer.twin(path).is_file():
        reason = integer.why_not(path, 'auto', 'auto')
        yield Finding('Model', 'in int8', State.GOOD, f'not used: {reason}' if reason else 'used')
    weights = path.with_suffix('.safetensors')
    if path.suffix == '.onnx' and importlib.util.find_spec('onnxruntime'):
        yield _try_runtime('onnxruntime', path)
    if weights.is_file() and path != weights and importlib.util.find_spec('ultralytics'):
        yield _try(weights, 'in torch', trust)


def _try(path: Path, name: str, trust: bool) -> Finding:
    """Load the model as everyone does, and segment a picture."""
    try:
        model = FastSam(str(path), image_size=SIDE, confidence=0.1, trust=trust)
        count = len(model(still_life()))
        text = f'{model.runtime} on {model.device} in {model.precision}: {count} segments'
        model.close()
    except FastSamError as error:
        return Finding('Model', name, State.BAD, _first_line(error))
    advice = '' if count else 'the model runs but finds nothing: is it a FastSAM network?'
    return Finding('Model', name, State.GOOD if count else State.BAD, text, advice)


def _try_runtime(name: str, path: Path) -> Finding:
    import numpy as np

    try:
        backend = importlib.import_module(f'fastsam_ros.backends.{name}').load(path, 'cpu', 'auto')
        backend.infer(np.zeros((1, 64, 64, 3), np.uint8))
    except (FastSamError, ImportError) as error:
        return Finding('Model', f'in {name}', State.BAD, _first_line(error))
    return Finding('Model', f'in {name}', State.GOOD, f'runs on {backend.device}')


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
