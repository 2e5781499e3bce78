# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS 2 bags without ROS: messages, copies with segments beside them, depth, things in space."""
