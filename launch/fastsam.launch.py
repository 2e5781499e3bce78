# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Starts the FastSAM node, and beside it the demo camera, the web page or RViz when asked.

    ros2 launch fastsam_ros fastsam.launch.py image:=/camera/image_raw
    ros2 launch fastsam_ros fastsam.launch.py demo:=true rviz:=true
"""

from launch.actions import DeclareLaunchArgument, OpaqueFunction
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from launch_ros.substitutions import FindPackageShare

from launch import LaunchContext, LaunchDescription

PACKAGE = 'fastsam_ros'
CONFIG = (FindPackageShare(PACKAGE), 'config')
OUTPUTS = ('segmentations', 'prompted', 'mask', 'label_map', 'overlay')
SWITCH = ['true', 'false']


def generate_launch_description() -> LaunchDescription:
    """Return what `ros2 launch` runs."""
    def argument(name, default, description, **more):
        return DeclareLaunchArgument(
            name, default_value=default, description=description, **more)

    return LaunchDescription([
        argument('image', 'image', 'topic of the images; compressed ones: without /compressed'),
        argument('model', '', 'name or path of the network; empty: as in params_file'),
        argument('device', '', 'auto, cpu, cuda or cuda:1; empty: as in params_file'),
        argument('params_file', PathJoinSubstitution([*CONFIG, 'fastsam.yaml']),
                 'the parameters, as in config/fastsam.yaml'),
        argument('namespace', '', 'of all nodes'),
        argument('rviz', 'false', 'start RViz with camera, overlay, label map and mask',
                 choices=SWITCH),
        argument('demo', 'false', 'start the demo camera', choices=SWITCH),
        argument('web', 'false', 'start the web page', choices=SWITCH),
        argument('web_host', '127.0.0.1', 'address that the page listens on; 0.0.0.0: all of '
                 'them, with a token that it prints'),
        argument('web_port', '8080', 'port of the page; 0: any that is free'),
        argument('log_level', 'info', 'debug, info, warn, error or fatal'),
        OpaqueFunction(function=make_nodes),
    ])


def make_nodes(context: LaunchContext) -> list[Node]:
    """Return the nodes that the arguments ask for."""
    value = {
        name: LaunchConfiguration(name).perform(context)
        for name in ('image', 'model', 'device', 'params_file', 'namespace', 'rviz', 'demo',
                     'web', 'web_host', 'web_port', 'log_level')}
    remappings = image_remappings(value['image'])
    common = {'namespace': value['namespace'], 'remappings': remappings, 'output': 'screen'}
    level = ['--ros-args', '--log-level', value['log_level']]
    # An argument that was not given must not hide what the file says.
    given = {
        name: ParameterValue(value[name], value_type=str)
        for name in ('model', 'device') if value[name]}
    parameters = [value['params_file'], *([given] if given else [])]
    nodes = [Node(package=PACKAGE, executable='fastsam_node', name='fastsam',
                  parameters=parameters, arguments=level, **common)]
    if value['demo'] == 'true':
        nodes.append(Node(package=PACKAGE, executable='demo_camera', name='demo_camera',
                          arguments=level, **common))
    if value['web'] == 'true':
        place = ['--host', value['web_host'], '--port', value['web_port']]
        nodes.append(Node(package=PACKAGE, executable='web', arguments=place, **common))
    if value['rviz'] == 'true':
        nodes.append(rviz(value['namespace'], value['image']))
    return nodes


def image_remappings(image: str) -> list[tuple[str, str]]:
    """Return what leads the node's input to a topic, in either transport."""
    if image == 'image':
        return []
    return [('image', image), ('image/compressed', f'{image}/compressed')]


def rviz(namespace: str, image: str) -> Node:
    """Return RViz, its displays led to the node's topics."""
    base = f'/{namespace.strip("/")}' if namespace.strip('/') else ''
    camera = image if image.startswith('/') else f'{base}/{image}'
    topics = [(f'/fastsam/{name}', f'{base}/fastsam/{name}') for name in OUTPUTS]
    changed = [pair for pair in [('/image', camera), *topics] if pair[0] != pair[1]]
    return Node(
        package='rviz2', executable='rviz2', namespace=namespace, remappings=changed,
        arguments=['-d', PathJoinSubstitution([*CONFIG, 'fastsam.rviz'])])
