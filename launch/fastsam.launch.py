# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Starts the FastSAM node, and beside it the demo camera, the web page or RViz when asked.

    ros2 launch fastsam_ros fastsam.launch.py image:=/camera/image_raw
    ros2 launch fastsam_ros fastsam.launch.py images:=front=/front/image_raw,rear=/rear/image_raw
    ros2 launch fastsam_ros fastsam.launch.py demo:=true rviz:=true

What cannot work is refused before anything starts: a launch that fails half way through leaves
the nodes that it has started running (ros2/launch#747).
"""

from __future__ import annotations

import os
from pathlib import Path

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)
from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
import yaml

from launch import LaunchContext, LaunchDescription

PACKAGE = 'fastsam_ros'
CONFIG = Path(get_package_share_directory(PACKAGE)) / 'config'
OUTPUTS = ('mask', 'label_map', 'overlay', 'answer_overlay')  # what RViz shows
DEMO_TOPICS = ('image', 'camera_info', 'depth', 'depth/camera_info')
SWITCH = ['true', 'false']
LEVELS = ['debug', 'info', 'warn', 'error', 'fatal']
PER_CAMERA = '; with several cameras NAME=TOPIC,NAME=TOPIC'
FROM_FILE = '; empty: as in params_file'
# Arguments that are parameters of the node. One that was not given must not hide the file's.
PARAMETERS = {
    'model': str, 'device': str, 'mode': str, 'confidence': float, 'text_model': str,
    'image_transport': str, 'target_frame': str, 'use_sim_time': bool}


def argument(name: str, default: str, description: str, **more) -> DeclareLaunchArgument:
    """One argument of the launch file."""
    return DeclareLaunchArgument(name, default_value=default, description=description, **more)


ARGUMENTS = (
    argument('image', 'image', 'topic of the images; compressed ones: without /compressed'),
    argument('images', '', 'several cameras and their topics: front=/front/image_raw,rear=...'),
    argument('cameras', '', 'several cameras whose topics are front/image and so on: front,rear'),
    argument('camera_info', '', "topic of the CameraInfo; empty: the images' sibling"
             + PER_CAMERA),
    argument('depth', '', 'topic of depth images, their CameraInfo beside it: things in space'
             + PER_CAMERA),
    argument('depth_points', '', "topic of a LiDAR's clouds, instead of depth" + PER_CAMERA),
    argument('boxes', '', "topic of a detector's boxes" + PER_CAMERA),
    argument('clicked_point', '/clicked_point', 'topic of points that RViz or Foxglove publish'),
    argument('model', '', 'name or path of the network' + FROM_FILE),
    argument('device', '', 'auto, cpu, cuda or cuda:1' + FROM_FILE),
    argument('mode', '', 'auto or everything' + FROM_FILE),
    argument('confidence', '', 'segments below are dropped, 0.0 to 1.0' + FROM_FILE),
    argument('text_model', '', "a text model's name or folder, or none" + FROM_FILE),
    argument('image_transport', '', 'raw or compressed' + FROM_FILE),
    argument('target_frame', '', 'TF frame of things in space' + FROM_FILE),
    argument('use_sim_time', '', 'time comes from /clock' + FROM_FILE, choices=['', *SWITCH]),
    argument('params_file', str(CONFIG / 'fastsam.yaml'), 'the parameters, as in fastsam.yaml'),
    argument('name', 'fastsam', 'of the node, and of its topics and services'),
    argument('namespace', '', 'of all nodes'),
    argument('log_level', 'info', 'of all nodes', choices=LEVELS),
    argument('demo', 'false', 'start the demo camera: a rendered room with depth', choices=SWITCH),
    argument('rviz', 'false', 'start RViz with what the node sees and says', choices=SWITCH),
    argument('web', 'false', 'start the web page', choices=SWITCH),
    argument('web_host', '127.0.0.1', 'address that the page listens on; 0.0.0.0: all of them, '
             'with a token that it prints'),
    argument('web_port', '8080', 'port of the page; 0: any that is free'),
)


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch` runs."""
    return LaunchDescription([*ARGUMENTS, OpaqueFunction(function=make_nodes)])


def make_nodes(context: LaunchContext) -> list[Node]:
    """
    Return the nodes that the arguments ask for.

    :raises RuntimeError: when they contradict each other or what is installed
    """
    value = {one.name: context.launch_configurations[one.name] for one in ARGUMENTS}
    file = find_parameter_file(value['params_file'])
    cameras = find_cameras(value, file)
    remappings = lead_inputs(value, cameras)
    level = ['--ros-args', '--log-level', value['log_level']]
    common = {'package': PACKAGE, 'namespace': value['namespace'], 'output': 'screen'}
    nodes = [Node(
        executable='fastsam_node', name=value['name'], arguments=level, remappings=remappings,
        parameters=[str(file), *given_parameters(value)], **common)]
    if value['demo'] == 'true':
        nodes.append(Node(
            executable='demo_camera', name='demo_camera', arguments=level,
            parameters=[{'source': 'room'}], remappings=lead_demo(cameras, remappings), **common))
    if value['web'] == 'true':
        place = ['--host', value['web_host'], '--port', value['web_port'],
                 '--node', value['name']]
        nodes.append(Node(executable='web', arguments=place, remappings=remappings, **common))
    if value['rviz'] == 'true':
        nodes.append(make_rviz(value, *next(iter(cameras.items()))))
    return nodes


def find_parameter_file(path: str) -> Path:
    """Return the file of parameters; launch_ros only warns of one that is missing."""
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise RuntimeError(f'params_file:={path}: {file} is not a file')
    return file


def given_parameters(value: dict[str, str]) -> list[dict]:
    """Return the parameters that arguments set, as launch_ros takes them."""
    given = {
        name: typed(name, value[name], kind)
        for name, kind in PARAMETERS.items() if value[name]}
    names = split_names(value['cameras']) or list(split_pairs('images', value['images']))
    if names:
        given['cameras'] = names
    if value['depth'] or value['depth_points'] or value['demo'] == 'true':
        given['depth'] = True
    return [given] if given else []


def typed(name: str, word: str, kind: type) -> object:
    """Return a parameter's value; launch_ros would guess the type of a text."""
    if kind is str:
        return ParameterValue(word, value_type=str)
    if kind is bool:
        return word == 'true'
    try:
        return float(word)
    except ValueError as error:
        raise RuntimeError(f'{name}:={word} is not a number') from error


def split_names(text: str) -> list[str]:
    """Return the names in `front,rear`."""
    return [name.strip() for name in text.split(',') if name.strip()]


def split_pairs(name: str, text: str) -> dict[str, str]:
    """
    Return the topics in `front=/front/image_raw,rear=/rear/image_raw` by camera.

    :param name: of the argument
    """
    topics = {}
    for pair in split_names(text):
        camera, equals, topic = (part.strip() for part in pair.partition('='))
        if not (camera and equals and topic) or camera in topics:
            raise RuntimeError(
                f'{name}:={text}: {pair!r} is not NAME=TOPIC with a name of its own; expected '
                f'{name}:=front=/front/topic,rear=/rear/topic')
        topics[camera] = topic
    return topics


def find_cameras(value: dict[str, str], file: Path) -> dict[str, str]:
    """
    Return the topic of each camera's images, by name; one camera alone has none.

    :param file: of parameters, which may name cameras too
    """
    images = split_pairs('images', value['images'])
    names = split_names(value['cameras']) or list(images) or cameras_in(file)
    if not names:
        return {'': value['image']}
    if value['image'] != 'image':
        raise RuntimeError(
            f"image:={value['image']} is for one camera, but there are {', '.join(names)}: "
            f'say images:={names[0]}={value["image"]},...')
    refuse_unknown('images', images, names)
    return {name: images.get(name, f'{name}/image') for name in names}


def cameras_in(file: Path) -> list[str]:
    """Return the cameras that a file of parameters names, for whichever node."""
    def search(tree: object) -> list[str]:
        if not isinstance(tree, dict):
            return []
        own = tree.get('ros__parameters', {}).get('cameras') or []
        return own or next(filter(None, map(search, tree.values())), [])

    return search(yaml.safe_load(file.read_text()))


def refuse_unknown(name: str, topics: dict[str, str], cameras: list[str]) -> None:
    """Refuse an argument about a camera that there is not."""
    unknown = [camera for camera in topics if camera not in cameras]
    if unknown:
        raise RuntimeError(f"{name}: there is no camera {unknown[0]!r}, only {', '.join(cameras)}")


def lead_inputs(value: dict[str, str], cameras: dict[str, str]) -> list[tuple[str, str]]:
    """Return the remappings of the node's inputs."""
    info, depth, points, boxes = (
        by_camera(name, value[name], list(cameras))
        for name in ('camera_info', 'depth', 'depth_points', 'boxes'))
    pairs = [('clicked_point', value['clicked_point'])]
    for camera, image in cameras.items():
        topics = {
            'image': image, 'image/compressed': f'{image}/compressed',
            'camera_info': info.get(camera, sibling(image)),
            'depth': depth.get(camera, ''),
            'depth/camera_info': sibling(depth.get(camera, '')),
            'depth/points': points.get(camera, ''),
            'boxes': boxes.get(camera, '')}
        prefix = f'{camera}/' if camera else ''
        pairs += [(prefix + name, topic) for name, topic in topics.items() if topic]
    return changed(pairs)


def lead_demo(cameras: dict[str, str], inputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """
    Return the remappings that lead what the demo camera publishes to the first camera's inputs.

    :param inputs: remappings of the node's
    """
    first, led = next(iter(cameras)), dict(inputs)
    prefix = f'{first}/' if first else ''
    return changed([
        (name, led.get(prefix + name, prefix + name)) for name in DEMO_TOPICS])


def by_camera(name: str, text: str, cameras: list[str]) -> dict[str, str]:
    """
    Return an input's topic by camera, as an argument has it.

    :param name: of the argument
    """
    if text and '=' not in text:
        if len(cameras) > 1:
            raise RuntimeError(
                f"{name}:={text} does not say for which of the cameras {', '.join(cameras)}: "
                f'say {name}:={cameras[0]}={text},...')
        return {cameras[0]: text}
    topics = split_pairs(name, text)
    refuse_unknown(name, topics, cameras)
    return topics


def sibling(topic: str) -> str:
    """Return where drivers put the CameraInfo of an image topic: beside it."""
    return topic and '/'.join([*topic.split('/')[:-1], 'camera_info'])


def changed(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the remappings that lead elsewhere."""
    return [pair for pair in pairs if pair[0] != pair[1]]


def make_rviz(value: dict[str, str], camera: str, image: str) -> Node:
    """
    Return RViz, its displays led to one camera's topics.

    :param camera: its name; '' where there is one alone
    :param image: topic of its images
    """
    try:
        get_package_prefix('rviz2')
    except PackageNotFoundError as error:
        distribution = os.environ.get('ROS_DISTRO', '$ROS_DISTRO')
        raise RuntimeError(
            f'rviz:=true needs RViz: apt install ros-{distribution}-rviz2') from error
    results = f"{value['name']}/{camera}/" if camera else f"{value['name']}/"
    pairs = [('image', image), *((f'fastsam/{name}', results + name) for name in OUTPUTS)]
    return Node(
        package='rviz2', executable='rviz2', namespace=value['namespace'],
        remappings=changed(pairs), arguments=['-d', str(CONFIG / 'fastsam.rviz')])
