# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The managed node's transitions, through its services."""

import gc
from threading import Event, Thread
import weakref

from graph import PATIENCE, Graph, change, point, state, wait_until
from lifecycle_msgs.msg import State, Transition
import pytest
from rclpy.parameter import Parameter
from scripted_model import ScriptedModel, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import node
from fastsam_ros.ros.inference import threads
from fastsam_ros.ros.topics import messages
from fastsam_ros.ros.topics.publishers import Publishers


@pytest.fixture(scope='module')
def start(start):
    """As everywhere, and the start's own transition has ended, so that another one may come."""
    def begin(**parameters):
        graph = start(**parameters)
        if parameters.get('autostart', True):
            wait_until(lambda: state(graph) == State.PRIMARY_STATE_ACTIVE)
        return graph

    return begin


def test_autostart_configures_and_activates(graph):
    wait_until(lambda: state(graph) == State.PRIMARY_STATE_ACTIVE)


def test_the_whole_round_twice(start):
    graph = start(autostart=False)
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    for _ in range(2):
        assert graph.node.model is None
        assert change(graph, Transition.TRANSITION_CONFIGURE)
        assert state(graph) == State.PRIMARY_STATE_INACTIVE
        assert change(graph, Transition.TRANSITION_ACTIVATE)
        results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
        graph.publishers.clear()
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
    assert graph.prompt(point((5, 5), id='kept'), keep=True, fixed=True).success
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'inactive' in answer.message
    assert f'ros2 lifecycle set {graph.namespace}/fastsam activate' in answer.message
    assert change(graph, Transition.TRANSITION_ACTIVATE)
    assert graph.clear().cleared == ['kept']


def begin(graph, transition: int) -> tuple[Thread, list[bool]]:
    """Ask for a transition in a thread; whether it succeeded will be in the list."""
    ended = []
    thread = Thread(target=lambda: ended.append(change(graph, transition)))
    thread.start()
    return thread, ended


def test_deactivating_while_the_network_runs_ends_in_order(start):
    graph = start()
    model = graph.node.model
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    with model.held():
        stamp = graph.publish(picture())
        wait_until(lambda: model.batches == [1])
        thread, ended = begin(graph, Transition.TRANSITION_DEACTIVATE)
        # States are told meanwhile.
        wait_until(lambda: state(graph) == State.TRANSITION_STATE_DEACTIVATING)
        assert ended == [] and not model.closed
    thread.join(PATIENCE)
    assert ended == [True]
    results.at(stamp)
    assert change(graph, Transition.TRANSITION_CLEANUP)
    assert model.closed


def test_a_transition_that_the_state_does_not_have_is_refused_and_the_node_goes_on(start):
    graph = start(autostart=False)
    for transition in (Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_CLEANUP, 99):
        assert not change(graph, transition)
    assert 'ros2 lifecycle set' in graph.prompt(point((5, 5))).message
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    assert change(graph, Transition.TRANSITION_CONFIGURE)
    assert not change(graph, Transition.TRANSITION_CONFIGURE)
    assert change(graph, Transition.TRANSITION_ACTIVATE)


def test_while_the_model_loads_it_says_so_and_parameters_can_be_set(ros, monkeypatch):
    loading, go_on = Event(), Event()

    class Slow(ScriptedModel):
        def __init__(self, *arguments, **settings):
            super().__init__(*arguments, **settings)
            loading.set()
            assert go_on.wait(PATIENCE)

    monkeypatch.setattr(node, 'FastSam', Slow)
    graph = Graph()
    try:
        assert loading.wait(PATIENCE)
        for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
            assert not change(graph, transition)
        answer = graph.prompt(point((5, 5)))
        assert not answer.success and 'still being loaded' in answer.message
        assert state(graph) == State.TRANSITION_STATE_CONFIGURING
        new = [Parameter('confidence', value=0.75), Parameter('history', value=3)]
        assert all(result.successful for result in graph.node.set_parameters(new))
        go_on.set()
        wait_until(lambda: state(graph) == State.PRIMARY_STATE_ACTIVE)
        assert graph.node.model.confidence == 0.75
        assert graph.node.cameras[''].history._length == 3
    finally:
        go_on.set()
        graph.close()


def test_nothing_of_before_comes_out_of_an_inactive_node(start, monkeypatch):
    graph = start()
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(
        graph.publish(picture(red=(1, 1, 30, 30))))
    assert graph.prompt(point((5, 5))).result.segmentations
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    made = []
    monkeypatch.setattr(messages, 'mask', lambda *_: made.append('mask'))
    graph.mailbox(Image, 'fastsam/answer_mask')
    graph.node.cameras[''].publishers.check()
    assert made == []


def test_no_id_comes_again_after_a_pause(start):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    before = results.at(graph.publish(picture(red=(1, 1, 30, 30), blue=(60, 60, 90, 90))))
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert change(graph, Transition.TRANSITION_ACTIVATE)
    graph.publishers.clear()
    after = results.at(graph.publish(picture(red=(1, 1, 30, 30))))
    ids = [s.id for message in (before, after) for s in message.segmentations]
    assert len(set(ids)) == 3


def test_diagnostics_beside_a_cleanup_meet_no_topic_that_is_gone(start):
    graph = start()
    outputs = graph.node.cameras[''].publishers
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert change(graph, Transition.TRANSITION_CLEANUP)
    outputs.check()  # of a look around that began before


def test_cleanup_lets_go_of_the_model_and_the_frames(start):
    graph = start()
    graph.mailbox(SegmentationArray, 'fastsam/segmentations').at(graph.publish(picture()))
    frame = graph.node.cameras[''].history.newest(segmented=True)
    gone = [weakref.ref(thing) for thing in (graph.node.model, frame)]
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
    assert graph.node.model is None and graph.node.cameras == {}
    assert 'no threads left' in graph.prompt().message  # the reason stays
    for transition in (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_ACTIVATE):
        assert change(graph, transition)


def test_a_camera_that_cannot_be_made_leaves_no_topics_of_the_others(start, monkeypatch):
    graph = start(autostart=False, cameras=['front', 'rear'])
    before = list(graph.node.publishers)
    make, made = Publishers._create, []

    def fail_late(self, *arguments):
        made.append(arguments)
        if len(made) == 15:  # some way into the second camera
            raise RuntimeError('no memory for a topic')
        return make(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Publishers, '_create', fail_late)
        assert not change(graph, Transition.TRANSITION_CONFIGURE)
    assert list(graph.node.publishers) == before
    assert 'no memory for a topic' in graph.prompt().message
    assert change(graph, Transition.TRANSITION_CONFIGURE)


def test_a_pose_that_turns_nothing_leaves_no_topics_either(start):
    graph = start(autostart=False, depth_to_image=[0.0] * 7)
    before = list(graph.node.publishers)
    assert not change(graph, Transition.TRANSITION_CONFIGURE)
    assert list(graph.node.publishers) == before
    assert graph.node.set_parameters([Parameter('depth_to_image', value=[0.0] * 6 + [1.0])])[
        0].successful
    assert change(graph, Transition.TRANSITION_CONFIGURE)


def test_a_network_that_does_not_come_back_keeps_its_model(start, monkeypatch):
    graph = start()
    model = graph.node.model
    monkeypatch.setattr(threads.Pipeline.stop, '__defaults__', (0.05,))
    with model.held():
        graph.publish(picture())
        wait_until(lambda: model.batches == [1])
        assert not change(graph, Transition.TRANSITION_DEACTIVATE)
        assert not model.closed
    assert state(graph) == State.PRIMARY_STATE_UNCONFIGURED
    assert 'does not come back' in graph.prompt().message
    assert change(graph, Transition.TRANSITION_CONFIGURE)
