# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
`pip install .`: the half that needs no ROS (library and `fastsam` command), from setup.cfg.

colcon takes its build from package.xml and CMakeLists.txt and does not run this file.
"""

import atexit
import shutil
import tempfile

from setuptools import setup

# Outside of the sources, so that pip leaves nothing in them.
scratch = tempfile.mkdtemp(prefix='fastsam_ros-')
atexit.register(shutil.rmtree, scratch, ignore_errors=True)

setup(options={'build': {'build_base': scratch}, 'egg_info': {'egg_base': scratch}})
