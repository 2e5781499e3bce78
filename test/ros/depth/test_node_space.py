# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The whole node with depth: a scripted network, and everything in space that comes of it."""

from depth.space_graph import (
    OPTICAL,
    KnownTransforms,
    known,
    make_depth,
    make_info,
    read_cloud,
)
from geometry_msgs.msg import PointStamped
from graph import corners, header, point, wait_until
import numpy as np
import pytest
from scripted_model import picture
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from visualization_msgs.msg import MarkerArray

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import node as node_module
from fastsam_ros.space.transforms import Transform

Detection3DArray = pytest.importorskip(
    'vision_msgs.msg', reason='vision_msgs is not installed').Detection3DArray
RED, BLUE = (20, 30, 60, 70), (80, 10, 120, 40)


@pytest.fixture(scope='module')
def space(start):
    graph = start(depth=True)
    graph.publisher()
    graph.publisher(CameraInfo, 'camera_info', 10).publish(make_info())
    camera = graph.node.cameras[''].space
    wait_until(lambda: known(camera.calibration))
    graph.publisher(Image, 'depth', 10)
    return graph


def show(graph, metres=2.0, at=None):
    """An image with two things, and its depth; their stamp, the given or the next one."""
    stamp = graph.publish(picture(red=RED, blue=BLUE), stamp=at)
    graph.publisher(Image, 'depth', 10).publish(make_depth(stamp, metres))
    return stamp


def test_the_cloud_has_the_ids_of_the_segmentations(space):
    clouds = space.mailbox(PointCloud2, 'fastsam/points')
    segments = space.mailbox(SegmentationArray, 'fastsam/segmentations')
    stamp = show(space)
    points = read_cloud(clouds.at(stamp))
    areas = {s.id: s.area for s in segments.at(stamp).segmentations}
    found = dict(zip(*(v.tolist() for v in np.unique(points['label'], return_counts=True))))
    assert found == areas and len(areas) == 2
    assert {*points['rgb'].tolist()} == {0xFF0000, 0x0000FF}


def test_a_standing_prompt_has_boxes_and_depth_of_its_own(space):
    boxes = space.mailbox(Detection3DArray, 'fastsam/prompted/detections_3d')
    markers = space.mailbox(MarkerArray, 'fastsam/prompted/markers')
    inside = space.mailbox(Image, 'fastsam/depth_inside/image')
    infos = space.mailbox(CameraInfo, 'fastsam/mask/camera_info')
    show(space)
    response = space.prompt(point((40, 50), id='cup'), keep=True)
    assert response.success, response.message
    stamp = show(space, 1.5)
    (detection,) = boxes.at(stamp).detections
    assert detection.bbox.center.position.z == pytest.approx(1.5)
    assert detection.bbox.size.x == pytest.approx(0.6, rel=0.01)
    assert detection.bbox.center.orientation.w == 1
    cube = markers.wait(lambda m: m.markers[0].header.stamp.sec == stamp[0]).markers[0]
    assert str(cube.id) == detection.id
    depth = np.frombuffer(inside.at(stamp).data, np.uint16).reshape(96, 128)
    assert depth[30:70, 20:60].min() == depth.max() == 1500
    assert np.count_nonzero(depth) == 40 * 40
    assert infos.at(stamp).width == 128
    space.clear('cup')


def test_the_cloud_of_what_is_followed_needs_no_other_subscriber(space):
    clouds = space.mailbox(PointCloud2, 'fastsam/tracked/points')
    stamp = show(space)
    response = space.prompt(point((40, 50), id='cup'), keep=True, stamp=header(stamp).stamp)
    assert response.success, response.message
    points = read_cloud(clouds.at(show(space, at=(stamp[0], 40_000_000))))
    assert {*points['label'].tolist()} == {response.result.segmentations[0].id}
    space.clear('cup')


def click(graph, stamp, point, frame_id=OPTICAL):
    """A point in space that somebody clicks."""
    message = PointStamped(header=header(stamp, frame_id))
    message.point.x, message.point.y, message.point.z = point
    graph.publisher(PointStamped, 'clicked_point', 10).publish(message)


def test_a_point_clicked_in_space_chooses_what_the_camera_sees_there(space):
    found = space.mailbox(SegmentationArray, 'fastsam/prompted')
    segments = space.mailbox(SegmentationArray, 'fastsam/segmentations')
    stamp = show(space)
    segments.at(stamp)
    click(space, stamp, (-0.48, 0.04, 2.0))  # column 40, row 50
    wait_until(lambda: space.node.cameras[''].standing.all())
    prompted = found.at(show(space)).segmentations
    assert [(s.prompt_id, corners(s)) for s in prompted] == [('click', RED)]
    space.clear('click')


def test_without_depth_a_click_needs_the_cameras_calibration_and_tf_alone(start, monkeypatch):
    known_transforms = KnownTransforms(map_to_camera_optical_frame=Transform.from_pose(
        [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]))
    monkeypatch.setattr(
        node_module, 'open_transforms', lambda node, always: known_transforms)
    graph = start(depth=False)
    graph.publisher()
    graph.publisher(CameraInfo, 'camera_info', 10).publish(make_info())
    wait_until(lambda: known(graph.node.cameras[''].space.calibration))
    found = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    segments = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    stamp = graph.publish(picture(red=RED, blue=BLUE))
    segments.at(stamp)
    click(graph, stamp, (-0.48, 0.04, 1.0), 'map')
    wait_until(lambda: graph.node.cameras[''].standing.all())
    prompted = found.at(graph.publish(picture(red=RED, blue=BLUE))).segmentations
    assert [(s.prompt_id, corners(s)) for s in prompted] == [('click', RED)]
    assert known_transforms.asked[0][:2] == (OPTICAL, 'map')


def test_transforms_of_before_are_forgotten_when_the_stamps_begin_anew(start, monkeypatch):
    transforms = KnownTransforms()
    monkeypatch.setattr(node_module, 'open_transforms', lambda node, always: transforms)
    graph = start(depth=True)
    for count, stamp in enumerate([(9, 0), (9, 0), (8, 900_000_000), (3, 0), (4, 0)], 1):
        graph.publish(picture(red=RED), stamp=stamp)
        wait_until(lambda n=count: graph.counters().received == n)
    wait_until(lambda: transforms.forgotten)
    assert transforms.forgotten == 1


def test_diagnostics_tell_how_depth_and_images_go_together(space):
    from fastsam_ros.ros.diagnostics import camera_status
    camera = space.node.cameras['']
    values = {v.key: v.value for v in camera_status('/fastsam', camera, True).values}
    assert int(values['results with depth']) > 0
    assert values['depth stamp minus image stamp [ms]'] == '0.0'


def test_a_network_that_nobody_needs_runs_when_somebody_subscribes_to_points(start):
    graph = start(depth=True, mode='auto')
    camera = graph.node.cameras['']
    graph.publisher()
    assert not camera.is_streaming()
    graph.mailbox(PointCloud2, 'fastsam/points')
    assert camera.is_streaming()


def test_a_cameras_own_pose_of_its_depth_sensor_counts(start):
    pose = [0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0]
    graph = start(depth=True, cameras=['front', 'rear'], **{'front.depth_to_image': pose})
    poses = [graph.node.cameras[name].space._registration._pose for name in ('front', 'rear')]
    assert poses[0].translation.tolist() == [0, 0, 0.5] and poses[1] is None
