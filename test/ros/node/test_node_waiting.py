# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts that come before any frame, and a node that waits for prompts."""

from threading import Event, Thread

from builtin_interfaces.msg import Time
from graph import PATIENCE, change, corners, point, state, wait_until
from lifecycle_msgs.msg import State, Transition
import pytest
from rclpy.parameter import Parameter
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.inference import frames, history
from fastsam_ros.ros.prompting import service
from fastsam_ros.ros.topics.qos import REQUESTS
from fastsam_ros.srv import Prompt

SCENE = {'red': (10, 10, 70, 60), 'blue': (90, 50, 120, 90)}


def only_box(response) -> tuple[int, int, int, int]:
    """Return the box of an answer's only segment."""
    assert response.success, response.message
    (segment,) = response.result.segmentations
    return corners(segment)


def patient(monkeypatch) -> Event:
    """Let prompts wait for their frame as long as it takes; the event says that one does."""
    looking, newest = Event(), history.History.newest

    def wait(self, segmented, max_age):
        looking.set()
        return newest(self, segmented, max_age, PATIENCE)

    monkeypatch.setattr(history.History, 'newest', wait)
    return looking


def ask(graph, *prompts, **fields) -> tuple[list, Thread]:
    """Ask in a thread; the answer will be in the list."""
    answers = []
    asker = Thread(target=lambda: answers.append(graph.prompt(*prompts, **fields)))
    asker.start()
    return answers, asker


def settled(frame: frames.Frame) -> frames.Frame:
    frame.settled.set()
    return frame


def test_before_the_first_frame_it_waits_shortly_and_says_so(start, monkeypatch):
    graph = start()
    answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'no image has come' in answer.message and '/diagnostics' in answer.message


def test_a_prompt_waits_for_the_first_frame(start, monkeypatch):
    graph = start()
    graph.publisher()
    looking = patient(monkeypatch)
    answers, asker = ask(graph, point((100, 70)))
    assert looking.wait(PATIENCE)
    assert answers == []
    graph.publish(picture(**SCENE))
    asker.join(PATIENCE)
    assert only_box(answers[0]) == SCENE['blue']


def test_a_prompt_that_waits_holds_up_no_other_and_no_transition(start, monkeypatch):
    graph = start(cameras=['front', 'rear'])
    front = graph.mailbox(SegmentationArray, 'fastsam/front/segmentations')
    front.at(graph.publish(picture(**SCENE), topic='front/image'))
    looking = patient(monkeypatch)
    answers, asker = ask(graph, point((5, 5)), camera='rear')
    assert looking.wait(PATIENCE)
    assert only_box(graph.prompt(point((100, 70)), camera='front')) == SCENE['blue']
    assert graph.clear().success
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert answers == []  # it waits still
    graph.node.cameras['rear'].history.segmented(settled(frames.Frame(Image())))
    asker.join(PATIENCE)
    assert not answers[0].success and 'inactive' in answers[0].message


def test_images_that_come_but_are_not_segmented_yet_are_told_from_none(start, monkeypatch):
    graph = start()
    with graph.node.model.held():
        graph.publish(picture(**SCENE))
        wait_until(lambda: graph.counters().received == 1)
        answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'images come' in answer.message and 'no image' not in answer.message


def test_while_nobody_listens_the_network_runs_only_for_prompts(start):
    graph = start(mode='auto')
    model = graph.node.model
    for number in range(1, 4):
        graph.publish(picture(**SCENE))
        wait_until(lambda n=number: graph.counters().received == n)
    assert model.batches == []
    assert only_box(graph.prompt(point((100, 70)))) == SCENE['blue']
    assert only_box(graph.prompt(point((15, 15)))) == SCENE['red']
    assert model.batches == [1]  # one run serves both
    graph.prompt(point((100, 70), id='kept'), keep=True)
    graph.publish(picture(**SCENE))
    wait_until(lambda: graph.counters().processed == 1)
    assert graph.clear().success
    graph.publish(picture(**SCENE))
    wait_until(lambda: graph.counters().received == 5)
    assert model.batches == [1, 1] and graph.counters().dropped == 0


@pytest.mark.parametrize('topic, kind', [
    ('segmentations', SegmentationArray), ('label_map', Image), ('overlay', Image),
    ('edges', Image)])
def test_who_listens_to_all_segments_makes_the_network_run(topic, kind, start):
    graph = start(mode='auto')
    graph.publish(picture(**SCENE))
    wait_until(lambda: graph.counters().received == 1)
    results = graph.mailbox(kind, f'fastsam/{topic}')
    results.at(graph.publish(picture(**SCENE)))
    assert graph.node.model.batches == [1]


def test_things_keep_their_ids_and_frames_their_answers_between_questions(start):
    graph = start(mode='auto', history=2)
    first = graph.publish(picture(**SCENE))
    wait_until(lambda: graph.counters().received == 1)
    ids = [graph.prompt(point((100, 70))).result.segmentations[0].id]
    for number in range(2, 6):
        graph.publish(picture(**SCENE))
        wait_until(lambda n=number: graph.counters().received == n)
    ids.append(graph.prompt(point((100, 70))).result.segmentations[0].id)
    again = graph.prompt(point((100, 70)), stamp=Time(sec=first[0], nanosec=first[1]))
    assert only_box(again) == SCENE['blue']
    ids.append(again.result.segmentations[0].id)
    assert len(set(ids)) == 1


def test_max_rate_spares_the_network_and_binds_no_question(start):
    graph = start(max_rate=0.001)
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(**SCENE)))
    spared = graph.publish(picture(blue=(5, 5, 20, 20)))
    wait_until(lambda: graph.counters().received == 2)
    assert graph.node.model.batches == [1]
    answer = graph.prompt(point((10, 10)), stamp=Time(sec=spared[0], nanosec=spared[1]))
    assert only_box(answer) == (5, 5, 20, 20)
    graph.node.set_parameters([Parameter('max_rate', value=0.0)])
    results.at(graph.publish(picture(**SCENE)))
    assert graph.counters().dropped == 0


def wait_for_a_frame(graph, count: int, monkeypatch) -> tuple[list, object, Prompt.Request]:
    """Let requests wait for second 1000: their futures, the client, and one more request."""
    at, asked = history.History.at, []

    def wait(self, stamp):
        asked.append(stamp)
        return at(self, stamp, PATIENCE)

    monkeypatch.setattr(history.History, 'at', wait)
    # Who asks so much keeps as many answers.
    client = graph.client.create_client(Prompt, 'fastsam/prompt', qos_profile=REQUESTS)
    assert client.wait_for_service(PATIENCE)
    request = Prompt.Request(prompts=[point((100, 70))], stamp=Time(sec=1000))
    waiting = []
    for number in range(1, count + 1):
        waiting.append(client.call_async(request))
        wait_until(lambda n=number: len(asked) == n)
    return waiting, client, request


def test_more_that_wait_than_there_is_room_for_are_told_so(start, monkeypatch):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(**SCENE)))
    waiting, client, request = wait_for_a_frame(graph, service.REQUESTS, monkeypatch)
    too_many = client.call_async(request)
    wait_until(too_many.done)
    assert too_many.result().error == Prompt.Response.BUSY
    assert not any(future.done() for future in waiting)
    assert graph.clear().success
    assert state(graph) == State.PRIMARY_STATE_ACTIVE
    graph.publish(picture(**SCENE), stamp=(1000, 0))
    for future in waiting:  # all clients of a service hear all answers, and each keeps ten
        wait_until(future.done)
    assert only_box(graph.prompt(point((15, 15)))) == SCENE['red']


def test_all_who_ask_at_the_same_moment_are_answered(start):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(**SCENE)))
    client = graph.client.create_client(Prompt, 'fastsam/prompt', qos_profile=REQUESTS)
    assert client.wait_for_service(PATIENCE)
    request = Prompt.Request(prompts=[point((100, 70))])
    for future in [client.call_async(request) for _ in range(60)]:
        wait_until(future.done, patience=10)
        assert only_box(future.result()) == SCENE['blue']


def test_some_that_wait_for_a_frame_hold_up_no_other(start, monkeypatch):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(**SCENE)))
    waiting, _, _ = wait_for_a_frame(graph, 10, monkeypatch)
    assert only_box(graph.prompt(point((15, 15)))) == SCENE['red']
    assert not any(future.done() for future in waiting)
    graph.publish(picture(**SCENE), stamp=(1000, 0))
    for future in waiting:
        wait_until(future.done)
