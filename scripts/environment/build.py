# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Builds the package with colcon, against the sourced distribution or against the wheels."""

from __future__ import annotations

from collections.abc import Sequence
import json
from pathlib import Path
import re
import shutil
import subprocess

from .layout import ROOT, SYSTEM, Layout, has_module
from .steps import clean_variables, digest, run_logged

# What the build reads, and of which only names matter since colcon links the files.
READ = ('CMakeLists.txt', 'package.xml', 'msg', 'src', 'srv')
LINKED = ('fastsam_ros', 'include', 'launch', 'config', 'scripts')
# Messages of other packages, which no wheel has: their like, for tests.
INTERFACES = 'test/interfaces'
ALL_IN_ONE = 'kilted'  # whose generated sources may be compiled as one

# The Python and numpy folders of the machine that the wheels were built on.
FOREIGN_NUMPY = re.compile(r'/opt/python/cp[^/;"]+/lib/[^;"]*/numpy/(?:_core|core)/include')
FOREIGN_PYTHON = re.compile(r'/opt/python/cp[^/;"]+/include/python[\d.]+')
FOLDERS = """
import json, numpy, sysconfig
print(json.dumps([sysconfig.get_path('include'), numpy.get_include()]))
"""


def patch_wheels(layout: Layout) -> None:
    """Point the wheels' CMake files at this machine's Python and numpy; again does nothing."""
    answer = subprocess.run(
        [str(layout.venv_python), '-c', FOLDERS], capture_output=True, text=True, check=True
    )
    python, numpy = json.loads(answer.stdout)
    for file in (layout.venv / 'share').rglob('*.cmake'):
        text = file.read_text()
        patched = FOREIGN_PYTHON.sub(python, FOREIGN_NUMPY.sub(numpy, text))
        if patched != text:
            file.write_text(patched)


def list_files(name: str) -> list[Path]:
    """List what git would take of a file or folder of the package."""
    path = ROOT / name
    files = [path] if path.is_file() else path.rglob('*')
    return sorted(f for f in files if f.is_file() and '__pycache__' not in f.parts)


def build_key() -> str:
    """Hash what a build depends on: the read files' contents, the linked ones' names."""
    read = [(str(f.relative_to(ROOT)), f.read_text()) for name in READ for f in list_files(name)]
    linked = [str(f.relative_to(ROOT)) for name in LINKED for f in list_files(name)]
    return digest(read, linked)


def interfaces_key() -> str:
    """Hash the messages of test/interfaces/."""
    return digest([(str(f.relative_to(ROOT)), f.read_text()) for f in list_files(INTERFACES)])


def build(layout: Layout) -> None:
    """
    Build the package.

    :raises SetupError: it failed
    """
    _colcon_build(layout, ROOT, ['fastsam_ros'], '')


def build_interfaces(layout: Layout) -> None:
    """
    Build the message packages of test/interfaces/ that a sourced distribution lacks.

    :raises SetupError: it failed
    """
    folders = [path for path in sorted((ROOT / INTERFACES).iterdir()) if path.is_dir()]
    missing = [folder.name for folder in folders
               if layout.ros != SYSTEM or not has_module(layout.python, folder.name)]
    if missing:
        together = ['-DALL_IN_ONE=ON'] if layout.ros == ALL_IN_ONE else []
        _colcon_build(layout, ROOT / INTERFACES, missing, '-test', together)


def _colcon_build(
    layout: Layout, base: Path, names: list[str], kind: str, options: Sequence[str] = ()
) -> None:
    folders = {
        name: str(layout.colcon_folder(name + kind)) for name in ('build', 'install', 'log')}
    variables = clean_variables(layout, distribution=layout.ros == SYSTEM)
    colcon = shutil.which('colcon', path=variables['PATH']) or 'colcon'
    run_logged(layout, [
        colcon, '--log-base', folders['log'], 'build', '--symlink-install',
        '--base-paths', str(base), '--build-base', folders['build'],
        '--install-base', folders['install'], '--packages-select', *names,
        '--event-handlers', 'console_cohesion+',
        '--cmake-args', f'-DPython3_EXECUTABLE={layout.venv_python}', '-DBUILD_TESTING=OFF',
        *options,
    ], variables)
