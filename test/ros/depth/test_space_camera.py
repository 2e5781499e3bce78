# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera in space, on the real ROS graph."""

from depth.space_graph import (
    FOCAL,
    HEIGHT,
    OPTICAL,
    WIDTH,
    KnownTransforms,
    make_cloud,
    make_depth,
    make_info,
    make_segment,
    read_cloud,
)
from graph import Mailbox, header, wait_until
import numpy as np
import pytest
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from space.made_depth import turn_about
from visualization_msgs.msg import Marker, MarkerArray

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros.topics.qos import LATCHED
from fastsam_ros.space.transforms import Transform

LabelInfo = pytest.importorskip(
    'vision_msgs.msg', reason='vision_msgs is not installed').LabelInfo

BOX, OTHER = (20, 30, 60, 70), (80, 10, 120, 40)


@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
def test_points_of_each_segment_lie_under_its_mask_with_its_id_and_colour(graph, encoding):
    clouds = graph.mailbox(PointCloud2, 'points')
    metres = np.full((HEIGHT, WIDTH), 2.0, np.float32)
    metres[:, :10], metres[30:40] = 0, 1.0
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[:, 64:] = 1, 2, 3
    graph.offer((5, 7), BOX, OTHER, picture=picture)
    graph.send('depth', make_depth((5, 7), metres, encoding))
    message = clouds.at((5, 7))
    points = read_cloud(message)
    assert (message.header.frame_id, message.height) == (OPTICAL, 1)
    assert message.is_dense and message.width == len(points) == 40 * 40 + 40 * 30
    columns = np.rint(points['x'] / points['z'] * FOCAL + WIDTH / 2).astype(int)
    rows = np.rint(points['y'] / points['z'] * FOCAL + HEIGHT / 2).astype(int)
    np.testing.assert_allclose(points['z'], metres[rows, columns], atol=1e-6)
    for label, (x0, y0, x1, y1) in enumerate((BOX, OTHER), 1):
        own = points['label'] == label
        assert {*columns[own].tolist()} == {*range(x0, x1)}
        assert {*rows[own].tolist()} == {*range(y0, y1)}
    assert {*points['rgb'][points['label'] == 2].tolist()} == {0x010203}


def test_markers_say_where_and_how_large_and_go_when_the_thing_goes(graph):
    markers = graph.mailbox(MarkerArray, 'prompted/markers')
    for stamp, things in (((1, 0), (BOX, OTHER)), ((2, 0), (BOX,))):
        graph.offer(stamp, *things, kind='prompted')
        graph.send('depth', make_depth(stamp, 2.0))
        markers.wait(lambda m, sec=stamp[0]: m.markers[-1].header.stamp.sec == sec)
    both = markers.wait(lambda m: all(x.action == Marker.ADD for x in m.markers))
    cube = next(m for m in both.markers if m.ns == 'boxes' and m.id == 1)
    assert (cube.scale.x, cube.scale.y) == pytest.approx((0.8, 0.8), rel=0.01)
    middle = [(40 - 64 - 0.5) * 2 / FOCAL, (50 - 48 - 0.5) * 2 / FOCAL, 2]
    place = cube.pose.position
    assert [place.x, place.y, place.z] == pytest.approx(middle, abs=0.01)
    name = next(m for m in both.markers if m.ns == 'names' and m.id == 1)
    assert name.text == 'thing 1  2.00 m\n0.80 x 0.80 x 0.00 m'
    assert name.pose.position.y < place.y  # up is -y in an optical frame
    gone = markers.wait(lambda m: any(x.action == Marker.DELETE for x in m.markers))
    assert {(m.ns, m.id) for m in gone.markers if m.action == Marker.DELETE} == {
        ('boxes', 2), ('names', 2)}


def test_markers_go_when_no_prompt_stands_any_more(graph):
    markers = graph.mailbox(MarkerArray, 'prompted/markers')
    graph.camera.end('prompted', header((1, 0)))  # nothing is drawn, so nothing is said
    graph.offer((1, 0), BOX, kind='prompted')
    graph.send('depth', make_depth((1, 0), 2.0))
    markers.wait()
    graph.offer((2, 0), BOX, kind='prompted')  # waits for its depth when the prompt is cleared
    graph.camera.end('prompted', header((3, 0)))
    gone = markers.wait(lambda m: m.markers[0].header.stamp.sec == 3)
    graph.send('depth', make_depth((2, 0), 2.0))
    assert {(m.ns, m.id, m.action) for m in gone.markers} == {
        ('boxes', 1, Marker.DELETE), ('names', 1, Marker.DELETE)}
    graph.camera.end('prompted', header((4, 0)))
    graph.offer((5, 0), BOX, kind='prompted')
    graph.send('depth', make_depth((5, 0), 2.0))
    markers.wait(lambda m: m.markers[0].header.stamp.sec == 5)
    assert [m.markers[0].header.stamp.sec for m in markers.messages] == [1, 3, 5]


def test_kinds_of_segments_have_topics_of_their_own(graph):
    clouds = {kind: graph.mailbox(PointCloud2, f'{kind}/points')
              for kind in ('prompted', 'detected', 'tracked')}
    for number, kind in enumerate(clouds, 1):
        graph.offer((number, 0), BOX, kind=kind)
        graph.send('depth', make_depth((number, 0), 1.0))
        clouds[kind].at((number, 0))
    assert [len(mailbox.messages) for mailbox in clouds.values()] == [1, 1, 1]


def test_depth_is_cut_by_what_is_asked_for(graph):
    inside, outside = (graph.mailbox(Image, f'depth_{side}/image') for side in (
        'inside', 'outside'))
    infos = graph.mailbox(CameraInfo, 'depth_outside/camera_info')
    depth = make_depth((3, 5), np.linspace(1, 2, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH))
    depth.header.frame_id = OPTICAL
    graph.offer((3, 5), BOX, kind='prompted')
    graph.send('depth', depth)
    parts = []
    for mailbox in (inside, outside):
        message = mailbox.at((3, 5))
        assert (message.encoding, message.header) == ('16UC1', depth.header)
        parts.append(np.frombuffer(message.data, np.uint16).reshape(HEIGHT, WIDTH))
    whole = np.frombuffer(depth.data, np.uint16).reshape(HEIGHT, WIDTH)
    mask = np.zeros(whole.shape, bool)
    mask[30:70, 20:60] = True
    assert (parts[0] == whole * mask).all() and (parts[1] == whole * ~mask).all()
    assert infos.at((3, 5)).k[0] == FOCAL


def test_all_depth_is_outside_while_nothing_is_asked_for(graph):
    outside = graph.mailbox(Image, 'depth_outside/image')
    graph.camera.asked_for = lambda: False
    depth = make_depth((4, 0), 1.5)
    graph.send('depth', depth)
    assert outside.at((4, 0)).data == depth.data


def test_the_mask_has_the_cameras_calibration_under_its_own_header(graph):
    infos = graph.mailbox(CameraInfo, 'mask/camera_info')
    graph.camera.publish_mask_info(header((9, 1)))
    info = infos.at((9, 1))
    assert (info.k[0], info.width, info.header.frame_id) == (FOCAL, WIDTH, OPTICAL)


def test_points_and_boxes_go_to_the_frame_that_is_wanted_at_the_images_stamp(open_graph):
    # A camera 1 m up that looks along the robot's x.
    mounted = Transform(
        turn_about('z', -90) @ turn_about('x', -90), np.array([0.0, 0, 1.0]))
    transforms = KnownTransforms(camera_optical_frame_to_base_link=mounted)
    graph = open_graph(transforms, target_frame='base_link')
    graph.send_info()
    clouds, markers = graph.mailbox(PointCloud2, 'points'), graph.mailbox(MarkerArray, 'markers')
    graph.offer((6, 3), BOX)
    graph.send('depth', make_depth((6, 4), 2.0))
    message = clouds.at((6, 3))
    points = read_cloud(message)
    assert message.header.frame_id == 'base_link'
    np.testing.assert_allclose(points['x'], 2.0, atol=1e-5)
    assert points['y'].mean() == pytest.approx(0.49, abs=0.01)
    assert points['z'].mean() == pytest.approx(0.97, abs=0.01)
    cube = markers.wait().markers[0]
    assert cube.header.frame_id == 'base_link'
    assert (cube.scale.y, cube.scale.z) == pytest.approx((0.8, 0.8), rel=0.03)
    assert {*transforms.asked} == {('base_link', OPTICAL, (6, 3))}


def test_depth_of_another_sensor_is_projected_by_the_parameter_alone(open_graph):
    graph = open_graph(depth_to_image=[0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0])
    clouds = graph.mailbox(PointCloud2, 'points')
    graph.send_info()
    graph.send('depth/camera_info', make_info(focal=80.0))
    wait_until(lambda: graph.camera._registration._depth._info is not None)
    graph.offer((1, 0), BOX)
    graph.send('depth', make_depth((1, 0), 1.5, frame='infra'))
    points = read_cloud(clouds.at((1, 0)))
    assert len(points) and points['z'] == pytest.approx(np.full(len(points), 2.0))


def test_a_lidar_serves_as_depth(open_graph):
    lidar = Transform(np.eye(3), np.array([0, 0, 0.1]))
    graph = open_graph(KnownTransforms(lidar_to_camera_optical_frame=lidar))
    graph.send_info()
    clouds = graph.mailbox(PointCloud2, 'points')
    x, y = (v.ravel() for v in np.meshgrid(np.linspace(-1, 1, 60), np.linspace(-1, 1, 20)))
    wall = np.stack([x, y, np.full_like(x, 1.9)], axis=1)
    graph.offer((1, 0), BOX)
    graph.send('depth/points', make_cloud((1, 0), np.vstack([wall, [np.nan, 0, 1]]), 'lidar'))
    points = read_cloud(clouds.at((1, 0)))
    assert len(points) > 50
    assert points['z'] == pytest.approx(np.full(len(points), 2.0))
    assert points['x'].min() >= (20 - 64 - 1) * 2 / FOCAL


def test_nobody_wants_anything_until_somebody_subscribes(graph):
    assert not any(graph.camera.wants(kind) for kind in ('', 'prompted', 'detected', 'tracked'))
    graph.mailbox(Image, 'depth_inside/image')
    assert graph.camera.wants('prompted') and not graph.camera.wants('')


def test_a_clicked_point_is_a_pixel_unless_something_hides_it(graph):
    graph.send('depth', make_depth((7, 0), 2.0))
    wait_until(lambda: graph.camera._depth_at(7_000_000_000) is not None)
    where = header((7, 0)), (WIDTH, HEIGHT)
    assert graph.camera.pixel_of(np.array([0.1, 0.2, 2.0]), OPTICAL, *where) == (69, 58)
    with pytest.raises(DepthError, match='hides it'):
        graph.camera.pixel_of(np.array([0.1, 0.2, 4.0]), OPTICAL, *where)
    with pytest.raises(DepthError, match='no transform from map'):
        graph.camera.pixel_of(np.array([0.1, 0.2, 2.0]), 'map', *where)


def test_without_depth_nothing_but_the_masks_calibration_is_there(open_graph):
    graph = open_graph(depth=False)
    topics = {p.topic_name.rpartition('/fastsam/')[2] for p in graph.node.publishers}
    assert 'mask/camera_info' in topics
    assert not {t for t in topics if 'points' in t or 'markers' in t or 'depth' in t}
    assert not graph.camera.wants('')


def test_a_class_map_has_the_numbers_of_the_labels_and_tells_what_they_mean(graph):
    from fastsam_ros.ros.depth.outputs import ClassMap
    classes = ClassMap(graph.node, '~/named/', ('cup', 'dog'))
    maps = graph.mailbox(Image, 'named/class_map')
    assert classes.wanted()
    segments = [make_segment(1, *BOX, label='dog'), make_segment(2, 30, 40, 40, 50, label='cup'),
                make_segment(3, *OTHER, label='what nobody knows')]
    classes.publish_map(header((1, 0)), HEIGHT, WIDTH, segments)
    pixels = np.frombuffer(maps.at((1, 0)).data, np.uint8).reshape(HEIGHT, WIDTH)
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[30:70, 20:60], expected[40:50, 30:40] = 2, 1
    assert (pixels == expected).all()
    legends = Mailbox()
    graph.client.create_subscription(
        LabelInfo, 'fastsam/named/label_info', legends.put, LATCHED)
    legend = legends.wait()
    assert [(c.class_id, c.class_name) for c in legend.class_map] == [
        (0, 'unknown'), (1, 'cup'), (2, 'dog')]
    classes.close()
