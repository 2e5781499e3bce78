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
# Products of matrices of bfloat16: with them int8 takes 1.03 to 1.09 times as long.
TILES = 'amx_bf16'
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
    return '' if precision == 'int8' else _slower(flags(PROCESSORS))


def _slower(known: frozenset[str]) -> str:
    """Why a processor of these flags gains nothing by int8; '' where it does."""
    if TILES in known:
        return f'the processor has {TILES}, with which bfloat16 is at least as fast'
    if known.isdisjoint(INSTRUCTIONS):
        return f'the processor has none of {", ".join(INSTRUCTIONS)}'
    return ''


@cache
def flags(processors: Path) -> frozenset[str]:
    """
    What the processor can do, as the kernel calls it; nothing where nobody knows.

    :param processors: the kernel's description of them
    """
    try:
        lines = processors.read_text(encoding='ascii', errors='replace').splitlines()
    except OSError:  # no Linux
        return frozenset()
    return frozenset(next((line for line in lines if line.startswith('flags')), '').split())
