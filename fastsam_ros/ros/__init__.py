# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The ROS 2 node: messages in, messages out; what happens in between is `fastsam_ros.core`."""
