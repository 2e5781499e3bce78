# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The CUDA sources in kernels/, compiled for the GPU that is there.

By NVRTC, which every JetPack and CUDA toolkit has: so one package serves every GPU, and nothing
but the sources ships. It takes a second or two, and the result is kept in a cache folder.
"""

from __future__ import annotations

from hashlib import sha256
import logging
import os
from pathlib import Path
from typing import Any

from cuda.bindings import nvrtc

SOURCES = Path(__file__).parent / 'kernels'
MAIN = 'kernels.cu'  # includes the others
# No fused multiply-add: it would round otherwise than src/ does on a processor.
OPTIONS = ('--std=c++17', '--fmad=false')


def cubin(compute_capability: str, anew: bool = False) -> bytes:
    """
    The kernels as a GPU runs them, from the cache folder where they were compiled before.

    :param compute_capability: such as 8.7
    :param anew: compile them even so: the GPU does not take those in the folder
    :raises RuntimeError: when NVRTC is not there, or knows no such GPU
    """
    architecture = f'sm_{compute_capability.replace(".", "")}'
    name = f'{_digest(architecture)}.cubin'
    if not anew and (kept := _kept(name)):
        return kept
    compiled, log = compile_kernels(architecture)
    if log:
        logging.getLogger(__name__).warning('NVRTC, for %s: %s', architecture, log)
    _keep(compiled, name)
    return compiled


def compile_kernels(architecture: str) -> tuple[bytes, str]:
    """
    Compile them.

    :param architecture: such as sm_87
    :return: the kernels, and what the compiler says, which is nothing if it is content
    :raises RuntimeError: when it refuses, with its words
    """
    names = [path.name for path in sources()]
    program = _call(
        'nvrtcCreateProgram', (SOURCES / MAIN).read_bytes(), MAIN.encode(), len(names),
        [path.read_bytes() for path in sources()], [name.encode() for name in names])
    try:
        options = [option.encode() for option in (f'--gpu-architecture={architecture}', *OPTIONS)]
        error, = nvrtc.nvrtcCompileProgram(program, len(options), options)
        log = _text(program, 'nvrtcGetProgramLog').rstrip(b'\0').decode().strip()
        if error != nvrtc.nvrtcResult.NVRTC_SUCCESS:
            raise RuntimeError(f'no kernels for {architecture}: {error.name} {log}')
        return _text(program, 'nvrtcGetCUBIN'), log
    finally:
        _call('nvrtcDestroyProgram', program)


def sources() -> list[Path]:
    """The files, in order."""
    return sorted(SOURCES.glob('*.cu*'))


def _digest(architecture: str) -> str:
    """Of all that the result depends on."""
    version = _call('nvrtcVersion')
    whole = repr((architecture, OPTIONS, version)).encode()
    return sha256(whole + b''.join(path.read_bytes() for path in sources())).hexdigest()[:32]


def _folder() -> Path:
    """
    Where compiled kernels are kept.

    :raises RuntimeError: when the user has no home
    """
    base = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(base) / 'fastsam_ros' / 'kernels'


def _kept(name: str) -> bytes | None:
    """What was kept; None: nothing that can be read."""
    try:
        return (_folder() / name).read_bytes()
    except (OSError, RuntimeError):
        return None


def _keep(compiled: bytes, name: str) -> None:
    """Write a file, whole or not at all; a robot whose home is read-only compiles every time."""
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f'.{name}.{os.getpid()}'
        try:
            _write(part, compiled)
            part.replace(folder / name)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        logging.getLogger(__name__).warning('compiled kernels are not kept: %s', error)


def _write(path: Path, content: bytes) -> None:
    """Also to the disk: a power cut must not leave an empty file under the final name."""
    with path.open('wb') as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _text(program: Any, name: str) -> bytes:
    """What one of NVRTC's pairs of functions, for a size and for so many bytes, gives."""
    found = bytes(_call(f'{name}Size', program))
    _call(name, program, found)
    return found


def _call(name: str, *arguments: Any) -> Any:
    """
    Call a function of NVRTC.

    :return: what it gives besides its error code, if anything: one value or a tuple
    """
    error, *values = getattr(nvrtc, name)(*arguments)
    if error != nvrtc.nvrtcResult.NVRTC_SUCCESS:
        raise RuntimeError(f'{name}: {error.name}')
    return values[0] if len(values) == 1 else tuple(values) or None
