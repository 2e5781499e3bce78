# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An int8 network that lies beside a model, NAME.int8.xml: where it is used, and why not."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

SUFFIX = '.int8.xml'
# Dot products of bytes, as the kernel calls them. Without them int8 is no faster on a processor.
INSTRUCTIONS = ('amx_int8', 'avx512_vnni', 'avx_vnni')
PROCESSORS = Path('/proc/cpuinfo')


def twin(path: Path) -> Path:
    """Where the int8 network of a model is, if there is one."""
    return path.with_name(path.stem + SUFFIX)


def usable(path: Path, device: str, precision: str) -> bool:
    """Whether a model's int8 network is to run in its place; see `why_not`."""
    return not why_not(path, device, precision)


def why_not(path: Path, device: str, precision: str) -> str:
    """
    Why a model's int8 network does not run in its place; '' where it does.

    :param path: of the model
    :param device: as asked for
    :param precision: as asked for: one that is named counts, whatever the processor has
    """
    if path.suffix != '.onnx' or not twin(path).is_file():
        return f'{path.name} has no int8 network beside it'
    if precision not in ('auto', 'int8'):
        return f'the precision is to be {precision}'
    if device.lower() not in ('auto', 'cpu'):
        return f'the device is to be {device}'
    try:
        import_module('openvino')
    except ImportError as error:  # or built for another numpy or Python
        return f'OpenVINO cannot be imported ({error})'
    if precision == 'auto' and not instruction(PROCESSORS):
        return f'the processor has none of {", ".join(INSTRUCTIONS)}'
    return ''


@cache
def instruction(processors: Path) -> str:
    """
    What the processor has for int8: one of `INSTRUCTIONS`; '' none, or nobody knows.

    :param processors: the kernel's description of them
    """
    try:
        lines = processors.read_text(encoding='ascii', errors='replace').splitlines()
    except OSError:  # no Linux
        return ''
    flags = next((line for line in lines if line.startswith('flags')), '').split()
    return next((name for name in INSTRUCTIONS if name in flags), '')
