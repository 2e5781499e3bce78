# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a measurement was taken on."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
import os
from pathlib import Path
import platform

LIBRARIES = (
    'numpy', 'opencv-python-headless', 'openvino', 'onnxruntime', 'torch',
    'ultralytics', 'ultralytics-opencv-headless')


def describe() -> dict[str, object]:
    """The machine, what it has to do besides, and the libraries: plain values for JSON."""
    return {
        'processor': _processor(),
        'cores': len(os.sched_getaffinity(0)),
        'memory_gb': round(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9, 1),
        'gpu': _gpu(),
        'load_before': round(os.getloadavg()[0], 2),
        'system': f'{platform.system()} {platform.machine()}',
        'python': platform.python_version(),
        'libraries': {name: there for name in LIBRARIES if (there := _version(name))},
    }


def sentence(machine: dict[str, object]) -> str:
    """The same for people, in one line."""
    libraries = ', '.join(f'{name} {there}' for name, there in machine['libraries'].items())
    gpu = machine['gpu'] or 'no GPU'
    parts = (machine['processor'], f'{machine["cores"]} cores',
             f'{machine["memory_gb"]:.0f} GB', gpu, f'Python {machine["python"]}', libraries)
    return ', '.join(parts)


def _processor() -> str:
    lines = Path('/proc/cpuinfo').read_text().splitlines()
    fields = dict(line.split(':', 1) for line in lines if ':' in line)
    names = {key.strip(): value.strip() for key, value in fields.items()}
    name = names.get('model name', platform.processor() or 'unknown processor')
    flags = names.get('flags', '').split()
    wide = [flag for flag in ('avx2', 'avx512f', 'avx512_bf16', 'amx_bf16') if flag in flags]
    return f'{name} ({", ".join(wide)})' if wide else name


def _gpu() -> str:
    import torch

    return torch.cuda.get_device_name() if torch.cuda.is_available() else ''


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ''
