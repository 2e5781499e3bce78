# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which ROS, which Python, which folders: decided once, from the environment's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ('kilted', 'jazzy')  # the distributions that exist as wheels; the first is the default
SYSTEM = 'system'  # a ROS distribution that is sourced


class SetupError(Exception):
    """Why the environment cannot be made, in one line that says what to do."""


@dataclass(frozen=True)
class Layout:
    """One environment: its ROS, its Python and its folders."""

    ros: str  # one of WHEELS, or SYSTEM
    python: str  # the Python that the virtual environment is made from
    suffix: str  # tells apart the folders of environments that are not the default one

    @property
    def venv(self) -> Path:
        """The virtual environment."""
        return ROOT / f'.venv{self.suffix}'

    @property
    def venv_python(self) -> Path:
        """Its interpreter."""
        return self.venv / 'bin' / 'python'

    @property
    def stamps(self) -> Path:
        """The folder that tells which steps are done."""
        return self.venv / 'stamps'

    def colcon_folder(self, name: str) -> Path:
        """
        Where colcon puts something.

        :param name: build, install or log
        """
        return ROOT / f'{name}{self.suffix}'


def has_module(python: str, name: str) -> bool:
    """Whether this Python imports a module in the environment as it is."""
    command = [python, '-c', f'import {name}']
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def choose_ros(variables: Mapping[str, str], python: str) -> tuple[str, str]:
    """
    Decide for the sourced distribution or for wheels.

    :param variables: the environment's; ROS names the choice, ROS_DISTRO tells of a sourced one
    :param python: the Python that runs this
    :return: one of WHEELS or SYSTEM, and the Python to use
    :raises SetupError: ROS names something else, or a distribution that is not sourced
    """
    asked = variables.get('ROS', '')
    if asked in WHEELS:
        return asked, python
    if asked not in ('', SYSTEM):
        raise SetupError(
            f'ROS={asked} is none of {", ".join(WHEELS)} (wheels) and {SYSTEM} (the sourced '
            'distribution); for another distribution source its setup.bash and leave ROS unset'
        )
    if variables.get('ROS_DISTRO'):
        for candidate in (python, '/usr/bin/python3'):
            if has_module(candidate, 'rclpy'):
                return SYSTEM, candidate
    if asked == SYSTEM:
        raise SetupError(
            'ROS=system, but no Python here imports rclpy; source the distribution first: '
            '. /opt/ros/<distribution>/setup.bash'
        )
    return WHEELS[0], python


def name_suffix(variables: Mapping[str, str]) -> str:
    """
    Name an environment's folders as scripts/env.sh does: by ROS and PYTHON where they are set.

    :return: '' for the default environment, else such as '-jazzy' or '-kilted-python3.12'
    """
    ros = variables.get('ROS', '')
    python = os.path.basename(variables.get('PYTHON', ''))
    parts = [ros if ros not in ('', SYSTEM, WHEELS[0]) else '', python]
    return ''.join(f'-{part}' for part in parts if part not in ('', 'python3', 'python'))


def find_base_python() -> str:
    """Find the Python outside of virtual environments: make may run inside the one it makes."""
    return os.path.realpath(getattr(sys, '_base_executable', sys.executable))


def find_layout(variables: Mapping[str, str]) -> Layout:
    """
    Read the whole choice.

    :param variables: the environment's: ROS, PYTHON, ROS_DISTRO
    :raises SetupError: as choose_ros
    """
    ros, python = choose_ros(variables, find_base_python())
    return Layout(ros, python, name_suffix(variables))
