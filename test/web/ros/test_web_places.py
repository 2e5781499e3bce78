# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Distance and size of things, as the markers in space tell them."""

from std_msgs.msg import Header
from visualization_msgs.msg import Marker, MarkerArray

from fastsam_ros.web.ros.places import places


def cube(number, centre, size, frame='optical', **more):
    marker = Marker(header=Header(frame_id=frame), id=number, type=Marker.CUBE, **more)
    marker.pose.position.x, marker.pose.position.y, marker.pose.position.z = centre
    marker.scale.x, marker.scale.y, marker.scale.z = size
    return marker


def test_distance_from_the_camera_and_size_by_segment():
    message = MarkerArray(markers=[
        cube(7, (0.3, 0.4, 1.2), (0.1, 0.3, 0.2)),
        cube(7, (9.0, 9.0, 9.0), (0.0, 0.0, 1.0)),
        cube(8, (0.0, 0.0, 2.0), (1.0, 1.0, 1.0), action=Marker.DELETE)])
    message.markers[1].type = Marker.TEXT_VIEW_FACING  # its name
    assert places(message, 'optical') == {'7': {'distance': 1.3, 'size': [0.3, 0.2, 0.1]}}


def test_in_another_frame_the_distance_from_the_camera_is_not_known():
    message = MarkerArray(markers=[cube(7, (0.0, 0.0, 2.0), (1.0, 1.0, 1.0), 'base_link')])
    assert places(message, 'optical')['7']['distance'] is None
