# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Things in space as ROS has them: depth, calibration and transforms in, clouds and boxes out."""
