# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What has to be on the machine already, each with what to install when it is not."""

from __future__ import annotations

import json
import os
from pathlib import Path
import shutil
import subprocess

from .layout import SYSTEM, Layout, SetupError

OLDEST, NEWEST = (3, 10), (3, 13)  # what ROS 2, torch and OpenVINO all have wheels for
NEEDED_BYTES = {'build': 1.0e9, 'demo': 1.5e9, 'test': 3.0e9}

PROBE = """
import importlib.util, json, os, sys, sysconfig
print(json.dumps({
    'version': sys.version_info[:2],
    'venv': importlib.util.find_spec('venv') is not None
    and importlib.util.find_spec('ensurepip') is not None,
    'headers': os.path.isfile(os.path.join(sysconfig.get_path('include'), 'Python.h')),
}))
"""


def probe_python(python: str) -> dict:
    """
    Ask a Python for its version and what it lacks.

    :param python: path or name of the interpreter
    :return: version (major, minor), venv and headers (whether they are there)
    :raises SetupError: it does not run
    """
    try:
        answer = subprocess.run([python, '-c', PROBE], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f'{python} does not run: {error}; set PYTHON to one that does') from error
    return json.loads(answer.stdout)


def check_python(layout: Layout) -> None:
    """Check the Python's version, venv module and headers."""
    found = probe_python(layout.python)
    version = '{}.{}'.format(*found['version'])
    too_new = tuple(found['version']) > NEWEST and layout.ros != SYSTEM
    if tuple(found['version']) < OLDEST or too_new:
        raise SetupError(
            f'{layout.python} is Python {version}, but 3.10 to 3.13 is needed; '
            'set PYTHON, such as: make PYTHON=python3.12'
        )
    if not found['venv']:
        raise SetupError(f'Python {version} has no venv: apt install python{version}-venv')
    if not found['headers']:
        raise SetupError(
            f'Python {version} has no headers (Python.h): apt install python{version}-dev'
        )


def check_tools() -> None:
    """Check the compilers, cmake and make."""
    for variable, names, package in (
        ('CC', ('cc', 'gcc', 'clang'), 'gcc'),
        ('CXX', ('c++', 'g++', 'clang++'), 'g++'),
        ('', ('cmake',), 'cmake'),
        ('', ('make', 'gmake'), 'make'),
    ):
        chosen = os.environ.get(variable, '').split()[:1]
        if not any(shutil.which(name) for name in chosen or names):
            wanted = f'{variable}={chosen[0]}' if chosen else ' or '.join(names)
            raise SetupError(f'{wanted} is not found: apt install {package}')


def check_disk(folder: Path, goal: str) -> None:
    """
    Check the free space.

    :param folder: on the disk in question
    :param goal: build, demo or test
    """
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES[goal]:
        raise SetupError(
            f'{folder} has {free / 1e9:.1f} GB free, but the set-up for {goal} needs about '
            f'{NEEDED_BYTES[goal] / 1e9:.1f} GB: free some space or clone to a larger disk'
        )
