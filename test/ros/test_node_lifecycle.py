# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The managed node's transitions, through its services."""

import gc
import weakref

from graph import change, point, state, wait_until
from lifecycle_msgs.msg import State, Transition
from scripted_model import picture

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import node


def test_autostart_configures_and_activates(graph):
    wait_until(lambda: state(graph) == State.PRIMARY_STATE_ACTIVE)


def test_the_whole_round_twice(start):
    graph = start(autostart=False)
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    for _ in range(2):
        assert graph.node._model is None
        assert change(graph, Transition.TRANSITION_CONFIGURE)
        assert state(graph) == State.PRIMARY_STATE_INACTIVE
        assert change(graph, Transition.TRANSITION_ACTIVATE)
        results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
        graph._publishers.clear()
        assert results.at(graph.publish(picture(red=(1, 1, 9, 9)))).segmentations
        assert change(graph, Transition.TRANSITION_DEACTIVATE)
        assert state(graph) == State.PRIMARY_STATE_INACTIVE
        assert change(graph, Transition.TRANSITION_CLEANUP)
        assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    topics = {name for name, _ in graph.node.get_publisher_names_and_types_by_node(
        'fastsam', graph.namespace)}
    assert f'{graph.namespace}/fastsam/segmentations' not in topics


def test_an_inactive_node_refuses_prompts_and_keeps_standing_ones(start):
    graph = start()
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(graph.publish(picture()))
    assert graph.prompt(point((5, 5), id='kept'), keep=True).success
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'inactive' in answer.message
    assert f'ros2 lifecycle set {graph.namespace}/fastsam activate' in answer.message
    assert change(graph, Transition.TRANSITION_ACTIVATE)
    assert graph.clear().cleared == ['kept']


def test_deactivating_while_the_network_runs_ends_in_order(start):
    graph = start()
    model = graph.node._model
    with model.held():
        graph.publish(picture())
        wait_until(lambda: model.batches == [1])
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert change(graph, Transition.TRANSITION_CLEANUP)
    assert model.closed


def test_cleanup_lets_go_of_the_model_and_the_frames(start):
    graph = start()
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(graph.publish(picture()))
    frame = graph.node._cameras[''].history.newest(processed=True)
    gone = [weakref.ref(thing) for thing in (graph.node._model, frame)]
    del frame
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert change(graph, Transition.TRANSITION_CLEANUP)
    gc.collect()
    assert [reference() for reference in gone] == [None, None]


def test_shutdown_from_any_state(start):
    for transition in (
            Transition.TRANSITION_ACTIVE_SHUTDOWN, Transition.TRANSITION_UNCONFIGURED_SHUTDOWN):
        active = transition == Transition.TRANSITION_ACTIVE_SHUTDOWN
        graph = start(autostart=active)
        assert change(graph, transition)
        assert state(graph) == State.PRIMARY_STATE_FINALIZED
        assert not graph.prompt(point((5, 5))).success


def test_an_error_that_nobody_foresaw_is_logged_and_can_be_put_right(start, monkeypatch):
    def broken(*arguments, **settings):
        raise RuntimeError('the driver is gone')

    graph = start(autostart=False)
    with monkeypatch.context() as patch:
        patch.setattr(node, 'FastSam', broken)
        assert not change(graph, Transition.TRANSITION_CONFIGURE)
        assert 'the driver is gone' in graph.prompt(point((5, 5))).message
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert change(graph, Transition.TRANSITION_CLEANUP)


def test_an_activation_that_fails_leaves_nothing_behind(start, monkeypatch):
    def broken(*arguments):
        raise RuntimeError('no threads left')

    graph = start(autostart=False)
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    with monkeypatch.context() as patch:
        patch.setattr(node, 'Engine', broken)
        assert not change(graph, Transition.TRANSITION_ACTIVATE)
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    assert graph.node._model is None and graph.node._cameras == {}
    for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
        assert change(graph, transition)
