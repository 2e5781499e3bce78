#!/usr/bin/env python3
# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Print what pip must bring beside a ROS distribution, from setup.cfg: its extras are the arguments.

numpy and OpenCV stay the distribution's own, which cv_bridge was compiled for.
"""

from pathlib import Path
import sys

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'scripts'))
from environment.packages import drop_distribution_parts, read_dependencies

if __name__ == '__main__':
    wanted = read_dependencies(tuple(sys.argv[1:]))
    print('\n'.join(drop_distribution_parts(wanted, sys.executable)))
