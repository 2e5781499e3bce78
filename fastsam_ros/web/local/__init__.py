# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page without ROS: pictures, videos and webcams, and the model called directly."""
