# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What pip installs: the lists of setup.cfg, and ROS 2 and colcon where no distribution is."""

from __future__ import annotations

import configparser
import json
from pathlib import Path
import shutil
import subprocess
import sys

from .layout import ROOT

COLCON = [f'colcon-{name}' for name in (
    'bash', 'cmake', 'core', 'library-path', 'metadata', 'output', 'package-information',
    'package-selection', 'parallel-executor', 'recursive-crawl', 'ros', 'test-result', 'zsh',
)]
# colcon-core wants setuptools below 80; from 70.1 on it makes wheels by itself.
BUILD_TOOLS = ['setuptools>=70.1,<80']

# The wheels' CMake files look for more than the wheels name as their needs, so all is listed.
ROS_PACKAGES = (
    'rclpy', 'rmw-fastrtps-cpp', 'common-interfaces',
    'ament-package', 'ament-lint', 'gmock-vendor', 'gtest-vendor', 'pybind11-vendor',
    'rmw-implementation-cmake',
    *(f'ament-cmake{name}' for name in (
        '', '-core', '-cppcheck', '-cpplint', '-export-definitions', '-export-dependencies',
        '-export-include-directories', '-export-interfaces', '-export-libraries',
        '-export-link-flags', '-export-targets', '-flake8', '-gen-version-h', '-gmock', '-gtest',
        '-include-directories', '-libraries', '-pep257', '-pytest', '-python', '-ros',
        '-target-dependencies', '-test', '-uncrustify', '-vendor-package', '-version',
    )),
    *(f'rosidl-{name}' for name in (
        'adapter', 'cli', 'cmake', 'core-generators', 'core-runtime', 'default-generators',
        'default-runtime', 'dynamic-typesupport', 'dynamic-typesupport-fastrtps', 'generator-c',
        'generator-cpp', 'generator-py', 'generator-type-description', 'parser', 'pycommon',
        'runtime-c', 'runtime-cpp', 'typesupport-c', 'typesupport-cpp',
        'typesupport-fastrtps-c', 'typesupport-fastrtps-cpp', 'typesupport-interface',
        'typesupport-introspection-c', 'typesupport-introspection-cpp',
    )),
)
ONLY_IN = {
    'jazzy': ('fastrtps-cmake-module', 'python-cmake-module'),
    'kilted': ('ament-cmake-ros-core',),
}

# What pip's packages of these names do, the distribution's Python modules do where they are.
REPLACED = {'opencv-python-headless': 'cv2'}
PARTS = """
import importlib.metadata as metadata, importlib.util, json
found = {'cv2': importlib.util.find_spec('cv2') is not None}
has_numpy = importlib.util.find_spec('numpy') is not None
print(json.dumps({**found, 'numpy': metadata.version('numpy') if has_numpy else ''}))
"""


def list_ros_wheels(distribution: str) -> list[str]:
    """
    List what pip needs for building and running against a ROS 2 from wheels.

    :param distribution: kilted or jazzy
    """
    names = [*ROS_PACKAGES, *ONLY_IN[distribution]]
    return [f'ros-{distribution}-{name}' for name in names] + COLCON + BUILD_TOOLS


def lock_file(distribution: str) -> Path:
    """
    The file that pins `list_ros_wheels` and all that they need, by version and SHA-256.

    :param distribution: kilted or jazzy
    """
    return ROOT / 'scripts' / 'locks' / f'{distribution}.txt'


def read_dependencies(extras: tuple[str, ...] = ()) -> list[str]:
    """
    Read setup.cfg's list of dependencies.

    :param extras: names in its [options.extras_require]
    :return: pip requirements, each once, in the file's order
    """
    config = configparser.ConfigParser()
    config.read(ROOT / 'setup.cfg')
    blocks = [config['options']['install_requires']]
    blocks += [config['options.extras_require'][extra] for extra in extras]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return list(dict.fromkeys(line for line in lines if line and not line.startswith('#')))


def list_build_tools() -> list[str]:
    """List what a sourced distribution may lack for building here."""
    return BUILD_TOOLS if shutil.which('colcon') else COLCON + BUILD_TOOLS


def drop_distribution_parts(requirements: list[str], python: str) -> list[str]:
    """
    Leave to a sourced distribution what its own libraries are bound to.

    A second OpenCV in the process of its cv_bridge, or another numpy than the one that cv_bridge
    was compiled for, crashes.

    :param requirements: pip's
    :param python: the distribution's Python
    :return: the requirements less OpenCV where cv2 is there, and with its numpy's version
    """
    answer = subprocess.run([python, '-c', PARTS], capture_output=True, text=True, check=True)
    parts = json.loads(answer.stdout)
    dropped = [name for name, part in REPLACED.items() if parts[part]]
    kept = [line for line in requirements if not line.startswith(tuple(dropped))]
    return kept + [f'numpy=={parts["numpy"]}'] if parts['numpy'] else kept


if __name__ == '__main__':  # what a lock file is made from: see CONTRIBUTING.md
    print(*list_ros_wheels(sys.argv[1]), sep='\n')
