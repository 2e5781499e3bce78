# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts that come before any frame, and a node that waits for prompts."""

from threading import Event, Thread

from builtin_interfaces.msg import Time
from graph import PATIENCE, change, point, wait_until
from lifecycle_msgs.msg import Transition
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.inference import frames

SCENE = {'red': (10, 10, 70, 60), 'blue': (90, 50, 120, 90)}


def corners(response) -> tuple[int, int, int, int]:
    """Return the box of an answer's only segment."""
    assert response.success, response.message
    (segment,) = response.result.segmentations
    box = segment.box
    return box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height


def patient(monkeypatch) -> Event:
    """Let prompts wait for their frame as long as it takes; the event says that one does."""
    looking, newest = Event(), frames.History.newest

    def wait(self, processed):
        looking.set()
        return newest(self, processed, PATIENCE)

    monkeypatch.setattr(frames.History, 'newest', wait)
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
    assert corners(answers[0]) == SCENE['blue']


def test_a_prompt_that_waits_holds_up_no_other_and_no_transition(start, monkeypatch):
    graph = start(cameras=['front', 'rear'])
    front = graph.mailbox(SegmentationArray, 'fastsam/front/segmentations')
    front.at(graph.publish(picture(**SCENE), topic='front/image'))
    looking = patient(monkeypatch)
    answers, asker = ask(graph, point((5, 5)), camera='rear')
    assert looking.wait(PATIENCE)
    assert corners(graph.prompt(point((100, 70)), camera='front')) == SCENE['blue']
    assert graph.clear().success
    assert change(graph, Transition.TRANSITION_DEACTIVATE)
    assert answers == []  # it waits still
    graph.node._cameras['rear'].history.processed(settled(frames.Frame(Image())))
    asker.join(PATIENCE)
    assert not answers[0].success and 'inactive' in answers[0].message


def test_images_that_come_but_are_not_segmented_yet_are_told_from_none(start, monkeypatch):
    graph = start()
    with graph.node._model.held():
        graph.publish(picture(**SCENE))
        wait_until(lambda: graph.counters().received == 1)
        answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'images come' in answer.message and 'no image' not in answer.message


def test_on_demand_the_network_runs_only_for_prompts(start):
    graph = start(mode='on_demand')
    model = graph.node._model
    for number in range(1, 4):
        graph.publish(picture(**SCENE))
        wait_until(lambda n=number: graph.counters().received == n)
    assert model.batches == []
    assert corners(graph.prompt(point((100, 70)))) == SCENE['blue']
    assert corners(graph.prompt(point((15, 15)))) == SCENE['red']
    assert model.batches == [1]  # one run serves both
    graph.prompt(point((100, 70), id='kept'), keep=True)
    graph.publish(picture(**SCENE))  # nobody would see the answer
    wait_until(lambda: graph.counters().received == 4)
    assert graph.node._cameras[''].history.newest(processed=False).settled.wait(PATIENCE)
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    assert prompted.at(graph.publish(picture(**SCENE))).segmentations[0].prompt_id == 'kept'
    assert model.batches == [1, 1]
    graph.clear()
    assert graph.counters().dropped == 0


def test_on_demand_things_keep_their_ids_and_frames_their_answers(start):
    graph = start(mode='on_demand', history=2)
    first = graph.publish(picture(**SCENE))
    wait_until(lambda: graph.counters().received == 1)
    ids = [graph.prompt(point((100, 70))).result.segmentations[0].id]
    for number in range(2, 6):
        graph.publish(picture(**SCENE))
        wait_until(lambda n=number: graph.counters().received == n)
    ids.append(graph.prompt(point((100, 70))).result.segmentations[0].id)
    again = graph.prompt(point((100, 70)), stamp=Time(sec=first[0], nanosec=first[1]))
    assert corners(again) == SCENE['blue']
    ids.append(again.result.segmentations[0].id)
    assert len(set(ids)) == 1
