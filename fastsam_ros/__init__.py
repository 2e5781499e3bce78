# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
FastSAM for ROS 2: segments from camera images, and prompts answered from them.

The Python sources and the generated messages (fastsam_ros.msg, fastsam_ros.srv) may lie in two
folders; both belong to this package, so it must stay as small as this.
"""

__version__ = '0.1.0'
__path__ = __import__('pkgutil').extend_path(__path__, __name__)
