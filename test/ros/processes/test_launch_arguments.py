# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The launch file's arguments: what they become, and what is refused before anything starts."""

import importlib.util
import re
import subprocess

from launching import LAUNCH_FILE, is_alive, start_launch
import pytest

pytest.importorskip('launch_ros', reason='launch_ros is not installed: it comes with ROS 2 itself')

CONTRACT = """
    image camera_info depth depth_points boxes images cameras model device mode confidence
    text_model image_transport name namespace params_file log_level use_sim_time target_frame
    clicked_point demo web web_host web_port rviz"""


@pytest.fixture(scope='module')
def launch_file():
    """The launch file as a module."""
    spec = importlib.util.spec_from_file_location('fastsam_launch', LAUNCH_FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def value(launch_file, tmp_path):
    """Make all arguments' values of some."""
    file = tmp_path / 'mine.yaml'
    file.write_text('/**:\n  ros__parameters:\n    device: cpu\n')
    context = launch_file.LaunchContext()
    for argument in launch_file.ARGUMENTS:
        argument.execute(context)
    return lambda **given: {**context.launch_configurations, 'params_file': str(file), **given}


def lead(launch_file, value) -> dict:
    cameras = launch_file.find_cameras(value, launch_file.find_parameter_file(
        value['params_file']))
    return dict(launch_file.lead_inputs(value, cameras))


def test_the_arguments_are_the_contract(launch_file):
    assert {argument.name for argument in launch_file.ARGUMENTS} == {*CONTRACT.split()}


def test_nothing_given_leads_only_clicks_elsewhere(launch_file, value):
    assert lead(launch_file, value()) == {'clicked_point': '/clicked_point'}


def test_one_camera(launch_file, value):
    assert lead(launch_file, value(
        image='/camera/color/image_raw', depth='/camera/depth/image', boxes='/yolo/detections',
        depth_points='/lidar/points', clicked_point='/picked')) == {
        'clicked_point': '/picked', 'image': '/camera/color/image_raw',
        'image/compressed': '/camera/color/image_raw/compressed',
        'camera_info': '/camera/color/camera_info', 'depth': '/camera/depth/image',
        'depth/camera_info': '/camera/depth/camera_info', 'depth/points': '/lidar/points',
        'boxes': '/yolo/detections'}


def test_several_cameras(launch_file, value):
    led = lead(launch_file, value(
        cameras='front,rear', images='rear=/back/image_raw', depth='front=/front_depth/image',
        camera_info='rear=/back/info'))
    assert led == {
        'clicked_point': '/clicked_point', 'front/depth': '/front_depth/image',
        'front/depth/camera_info': '/front_depth/camera_info', 'rear/image': '/back/image_raw',
        'rear/image/compressed': '/back/image_raw/compressed', 'rear/camera_info': '/back/info'}


def test_the_demo_camera_is_the_first_one_depth_and_calibrations_included(launch_file, value):
    def demo(**given):
        arguments = value(demo='true', **given)
        cameras = launch_file.find_cameras(arguments, launch_file.find_parameter_file(
            arguments['params_file']))
        return dict(launch_file.lead_demo(cameras, launch_file.lead_inputs(arguments, cameras)))

    assert demo() == {}
    assert demo(image='/lens/image_raw') == {
        'image': '/lens/image_raw', 'camera_info': '/lens/camera_info'}
    assert demo(images='front=/a/image,rear=/b/image', depth='front=/a/depth/image') == {
        'image': '/a/image', 'camera_info': '/a/camera_info', 'depth': '/a/depth/image',
        'depth/camera_info': '/a/depth/camera_info'}
    assert demo(cameras='front,rear') == {
        name: f'front/{name}' for name in ('image', 'camera_info', 'depth', 'depth/camera_info')}


def test_cameras_of_the_parameter_file_are_led_too(launch_file, value, tmp_path):
    file = tmp_path / 'two.yaml'
    file.write_text('robot:\n  fastsam:\n    ros__parameters:\n      cameras: [front, rear]\n')
    led = lead(launch_file, value(params_file=str(file), images='front=/a'))
    assert led['front/image'] == '/a' and 'rear/image' not in led
    with pytest.raises(RuntimeError, match=r'image:=/a is for one camera.* images:=front=/a'):
        lead(launch_file, value(params_file=str(file), image='/a'))


def test_only_parameters_that_were_given_are_set(launch_file, value):
    assert launch_file.given_parameters(value()) == []
    given, = launch_file.given_parameters(value(
        confidence='1', images='front=/a', depth='/d', use_sim_time='false'))
    assert given == {
        'confidence': 1.0, 'use_sim_time': False, 'cameras': ['front'], 'depth': True}


def test_a_home_folder_in_the_path_of_parameters(launch_file, tmp_path, monkeypatch):
    monkeypatch.setenv('HOME', str(tmp_path))
    (tmp_path / 'mine.yaml').write_text('')
    assert launch_file.find_parameter_file('~/mine.yaml') == tmp_path / 'mine.yaml'


@pytest.mark.parametrize('arguments, words', [
    (['rviz:=true'], r'apt install ros-\S+-rviz2'),
    (['params_file:=/no/such.yaml'], 'params_file:=/no/such.yaml: .* not a file'),
    (['log_level:=loud'], "'debug', 'info'"),
    (['confidence:=high'], 'confidence:=high is not a number'),
    (['image:=/a', 'cameras:=front,rear'], 'image:=/a is for one camera'),
    (['images:=front'], "'front' is not NAME=TOPIC"),
    (['images:=front=/a,front=/b'], "'front=/b' is not NAME=TOPIC"),
    (['images:=side=/a', 'cameras:=front,rear'], "no camera 'side', only front, rear"),
    (['boxes:=/a', 'cameras:=front,rear'], 'boxes:=front=/a'),
])
def test_what_cannot_work_is_refused_and_nothing_starts(arguments, words):
    if 'rviz:=true' in arguments and has('rviz2'):
        pytest.skip('RViz is installed here')
    process = start_launch(*arguments, output=subprocess.PIPE)
    said, _ = process.communicate()
    assert process.returncode == 1
    assert re.search(words, said), said
    assert 'process started' not in said and 'Traceback' not in said
    assert not is_alive(process.pid)


def has(package: str) -> bool:
    from ament_index_python.packages import get_packages_with_prefixes

    return package in get_packages_with_prefixes()
