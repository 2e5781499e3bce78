# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The parameters: one table, one file for people, and what may be set."""

from pathlib import Path

from graph import DEFAULTS, change
from lifecycle_msgs.msg import Transition
import pytest
from rcl_interfaces.srv import DescribeParameters, GetParameters, ListParameters, SetParameters
from rclpy.parameter import Parameter, parameter_dict_from_yaml_file
import yaml

from fastsam_ros.core import ParameterError
from fastsam_ros.ros.parameters import BY_NAME, PARAMETERS

FILE = Path(__file__).parents[2] / 'config' / 'fastsam.yaml'
POSE = [0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 1.0]
README = FILE.parents[1] / 'README.md'


def set_parameter(graph, name: str, value: object):
    parameter = Parameter(name, value=value).to_parameter_msg()
    request = SetParameters.Request(parameters=[parameter])
    return graph.call(SetParameters, 'fastsam/set_parameters', request).results[0]


def value_of(graph, name: str) -> object:
    response = graph.call(
        GetParameters, 'fastsam/get_parameters', GetParameters.Request(names=[name]))
    return Parameter.from_parameter_msg(
        type('Message', (), {'name': name, 'value': response.values[0]})).value


def test_the_file_holds_every_parameter_with_its_default():
    values = yaml.safe_load(FILE.read_text())['/**']['ros__parameters']
    assert values == {p.name: p.default for p in PARAMETERS}
    assert list(values) == list(dict.fromkeys(values))
    for name, value in values.items():
        assert type(value) is type(BY_NAME[name].default), name


def test_every_parameter_in_the_file_has_a_comment_that_says_what_is_allowed():
    blocks = FILE.read_text().split('ros__parameters:')[1].strip().split('\n\n')
    assert len(blocks) == len(PARAMETERS)
    for block, declared in zip(blocks, PARAMETERS):
        *comments, last = [line.strip() for line in block.splitlines()]
        text = ' '.join(comments)
        assert last.startswith(f'{declared.name}:') and text.startswith('# '), block
        assert ('(fixed)' in text) == declared.fixed, declared.name
        if declared.low is not None:
            assert f'{declared.low} to {declared.high}' in text, declared.name
        for choice in declared.choices:
            assert choice in text, (declared.name, choice)


def test_ros_reads_the_file_as_it_is_meant(graph):
    read = parameter_dict_from_yaml_file(str(FILE), use_wildcard=True)
    assert set(read) == set(BY_NAME)


def test_the_readme_names_every_parameter():
    text = README.read_text()
    for declared in PARAMETERS:
        assert f'| `{declared.name}` |' in text, declared.name


def test_a_node_started_without_any_has_the_defaults(graph):
    names = graph.call(ListParameters, 'fastsam/list_parameters', ListParameters.Request())
    assert set(BY_NAME) <= set(names.result.names)
    for declared in PARAMETERS:
        if declared.name not in DEFAULTS:  # which this test's node was given
            value = value_of(graph, declared.name)
            plain = list(value) if isinstance(declared.default, list) else value
            assert plain == declared.default, declared.name


def test_tools_see_type_range_and_description(graph):
    request = DescribeParameters.Request(names=[p.name for p in PARAMETERS])
    described = graph.call(
        DescribeParameters, 'fastsam/describe_parameters', request).descriptors
    for declared, descriptor in zip(PARAMETERS, described):
        assert descriptor.description == declared.description
        assert not descriptor.read_only  # fixed ones can be set before it is configured
        assert descriptor.additional_constraints.startswith(declared.expected())
        assert ('configured' in descriptor.additional_constraints) == declared.fixed
        ranges = [*descriptor.integer_range, *descriptor.floating_point_range]
        assert [(r.from_value, r.to_value) for r in ranges] == (
            [(declared.low, declared.high)] if declared.low is not None else [])


@pytest.mark.parametrize('name, bad, words', [
    ('confidence', 1.5, ['0.0', '1.0', '1.5']),
    ('confidence', float('nan'), ['0.0', '1.0']),
    ('confidence', 'much', ['type']),
    ('iou', -0.1, ['0.0', '1.0']),
    ('image_size', 650, ['64', '4096', '32']),
    ('image_size', 32, ['64', '4096']),
    ('max_segments', 0, ['1', '10000']),
    ('history', 5000, ['1', '1000']),
    ('text_threshold', 2.0, ['0.0', '1.0']),
    ('mode', 'sometimes', ['auto', 'everything', "'sometimes'"]),
    ('image_reliability', 'perhaps', ['auto', 'reliable', 'best_effort']),
    ('tracking', 3, ['type']),
    ('model', 'other.onnx', ['cannot change while the node is configured', 'cleanup']),
    ('cameras', ['front'], ['cannot change while the node is configured', 'cleanup']),
    ('device', 'cuda', ['cannot change while the node is configured', 'cleanup']),
])
def test_a_bad_value_is_refused_and_the_old_one_stays(graph, name, bad, words):
    before = value_of(graph, name)
    result = set_parameter(graph, name, bad)
    assert not result.successful
    for word in words:
        assert word in result.reason
    assert value_of(graph, name) == before
    assert graph.node.settings[name] == before


@pytest.mark.parametrize('name, value', [
    ('confidence', 0.25), ('iou', 0.7), ('image_size', 320), ('max_segments', 50)])
def test_the_models_settings_change_while_it_runs(graph, name, value):
    assert set_parameter(graph, name, value).successful
    assert getattr(graph.node.model, name) == value
    assert set_parameter(graph, name, BY_NAME[name].default).successful


def test_a_group_of_values_is_taken_whole_or_not_at_all(graph):
    from rcl_interfaces.srv import SetParametersAtomically

    good, bad = Parameter('iou', value=0.5), Parameter('mode', value='never')
    request = SetParametersAtomically.Request(
        parameters=[good.to_parameter_msg(), bad.to_parameter_msg()])
    result = graph.call(
        SetParametersAtomically, 'fastsam/set_parameters_atomically', request).result
    assert not result.successful
    assert (value_of(graph, 'iou'), graph.node.settings['iou']) == (0.9, 0.9)


def test_use_sim_time_is_left_to_ros(graph):
    assert set_parameter(graph, 'use_sim_time', True).successful
    assert set_parameter(graph, 'use_sim_time', False).successful


@pytest.mark.parametrize('name, bad', [
    ('confidence', 1), ('confidence', '0.5'), ('tracking', 1), ('cameras', ['a', 'a']),
    ('cameras', ['a b']), ('cameras', ['']), ('cameras', ['/front']), ('cameras', 'front'),
])
def test_the_table_refuses(name, bad):
    with pytest.raises(ParameterError, match=f'{name} must be'):
        BY_NAME[name].check(bad)


def test_the_table_allows():
    BY_NAME['cameras'].check(['front', 'rear/left'])
    for declared in PARAMETERS:
        declared.check(declared.default)


def test_a_fixed_one_can_be_put_right_before_the_node_is_configured_anew(start):
    graph = start(autostart=False, cameras=['front'])
    assert set_parameter(graph, 'cameras', ['left', 'right']).successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert list(graph.node.cameras) == ['left', 'right']
    assert not set_parameter(graph, 'cameras', ['rear']).successful
    assert set_parameter(graph, 'cameras', ['left', 'right']).successful  # is no change
    assert change(graph, Transition.TRANSITION_CLEANUP)
    assert set_parameter(graph, 'cameras', ['rear']).successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert list(graph.node.cameras) == ['rear']


def test_a_cameras_own_pose_is_fixed_and_checked_like_that_of_all(start):
    graph = start(autostart=False, cameras=['front'], **{'front.depth_to_image': POSE})
    name = 'front.depth_to_image'
    for bad, words in (('rubbish', 'type'), ([1.0, 2.0], f'{name} must be empty, or 7 numbers')):
        result = set_parameter(graph, name, bad)
        assert not result.successful and words in result.reason
    other = [1.0, *POSE[1:]]
    assert set_parameter(graph, name, other).successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    for value in ('rubbish', POSE):
        assert not set_parameter(graph, name, value).successful
    assert 'cannot change' in set_parameter(graph, name, POSE).reason
    assert list(value_of(graph, name)) == other


def test_a_cameras_own_pose_can_be_given_to_cameras_that_come_later(start):
    graph = start(autostart=False, **{'rear.left.depth_to_image': POSE})
    assert set_parameter(graph, 'cameras', ['rear/left']).successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert list(value_of(graph, 'rear.left.depth_to_image')) == POSE
    assert not set_parameter(graph, 'rear.left.depth_to_image', [1.0, *POSE[1:]]).successful


def test_a_pose_that_is_none_is_refused_at_the_start(start):
    with pytest.raises(ParameterError, match='front.depth_to_image must be empty, or 7 numbers'):
        start(cameras=['front'], **{'front.depth_to_image': 'rubbish'})


def test_the_pose_of_a_camera_that_is_not_there_is_no_secret(start, capfd):
    start(cameras=['front'], **{'front.depth_to_image': POSE, 'frnt.depth_to_image': POSE})
    said = capfd.readouterr().err
    assert 'parameter frnt.depth_to_image is not known' in said
    assert 'did you mean front.depth_to_image?' in said
    assert 'parameter front.depth_to_image' not in said
