# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
`pip install .`: the half that needs no ROS (library and `fastsam` command), from setup.cfg.

colcon takes its build from package.xml and CMakeLists.txt and does not run this file.
"""

import atexit
import os
import shutil
import tempfile

from setuptools import Extension, setup

# Outside of the sources, so that pip leaves nothing in them.
scratch = tempfile.mkdtemp(prefix='fastsam_ros-')
atexit.register(shutil.rmtree, scratch, ignore_errors=True)

# Without a compiler there is no library, and numpy and OpenCV do its work.
library = Extension(
    'fastsam_ros._compiled', ['src/detections.cpp', 'src/outlines.cpp'], language='c++',
    optional=True,
    extra_compile_args=['-std=c++17', '-O3', '-ffp-contract=off'])
# colcon makes the library too: `make` wants no second one beside the sources, which would be
# found first and grow old.
libraries = [] if 'FASTSAM_ROS_NO_LIBRARY' in os.environ else [library]

setup(
    ext_modules=libraries,
    options={'build': {'build_base': scratch}, 'egg_info': {'egg_base': scratch}})
