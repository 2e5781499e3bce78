# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Camera infos without ROS, with the fields of sensor_msgs/CameraInfo."""

from __future__ import annotations

from types import SimpleNamespace

K = [500.0, 0, 322.0, 0, 510.0, 236.0, 0, 0, 1]
P = [480.0, 0, 318.0, 0, 0, 480.0, 240.0, 0, 0, 0, 1, 0]


def make_info(**changes) -> SimpleNamespace:
    """Of a calibrated 640x480 camera without distortion, but for what is changed."""
    roi = SimpleNamespace(
        x_offset=0, y_offset=0, width=0, height=0, do_rectify=False)
    for name in ('x_offset', 'y_offset'):
        setattr(roi, name, changes.pop(name, 0))
    roi.width, roi.height = changes.pop('roi', (0, 0))
    values = {
        'width': 640, 'height': 480, 'distortion_model': 'plumb_bob', 'd': [0.0] * 5, 'k': K,
        'p': P, 'binning_x': 0, 'binning_y': 0, 'roi': roi, **changes}
    return SimpleNamespace(**values)
