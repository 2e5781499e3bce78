# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
`pip install .`: the half that needs no ROS (library and `fastsam` command), from setup.cfg.

colcon takes its build from package.xml and CMakeLists.txt and does not run this file.
"""

import atexit
import os
from pathlib import Path
import shutil
import subprocess
import tempfile

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_ext import build_ext

# Outside of the sources, so that pip leaves nothing in them.
scratch = tempfile.mkdtemp(prefix='fastsam_ros-')
atexit.register(shutil.rmtree, scratch, ignore_errors=True)


class CMakeBuild(build_ext):
    """Builds the C++ library with CMake, from the src/CMakeLists.txt that colcon uses too."""

    def get_ext_filename(self, fullname: str) -> str:
        """Name the file without Python's version: the library knows nothing of Python."""
        return str(Path(*fullname.split('.'))) + '.so'

    def build_extension(self, extension: Extension) -> None:
        """Configure, build, and put the library where setuptools expects it."""
        built = Path(self.build_temp).absolute()
        target = Path(self.get_ext_fullpath(extension.name)).absolute()
        source = Path(__file__).parent.absolute() / 'src'
        subprocess.run(
            ['cmake', '-S', str(source), '-B', str(built), '-DCMAKE_BUILD_TYPE=Release'],
            check=True)
        subprocess.run(['cmake', '--build', str(built)], check=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(built / target.name, target)


class AnyPythonWheel(bdist_wheel):
    """One wheel for every Python 3: the library knows nothing of Python, only of the machine."""

    def get_tag(self) -> tuple[str, str, str]:
        """Python, ABI and platform."""
        return 'py3', 'none', super().get_tag()[2]


# colcon makes the library too: `make` wants no second one beside the sources, which would be
# found first and grow old.
libraries = [] if 'FASTSAM_ROS_NO_LIBRARY' in os.environ else [
    Extension('fastsam_ros._native', sources=[])]

setup(
    ext_modules=libraries,
    cmdclass={'bdist_wheel': AnyPythonWheel, 'build_ext': CMakeBuild},
    options={'build': {'build_base': scratch}, 'egg_info': {'egg_base': scratch}})
