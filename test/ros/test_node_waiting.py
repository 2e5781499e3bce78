# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Prompts that come before any frame, and a node that waits for prompts."""

from threading import Thread

from graph import point, wait_until
from scripted_model import picture

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros import history

SCENE = {'red': (10, 10, 70, 60), 'blue': (90, 50, 120, 90)}


def corners(response) -> tuple[int, int, int, int]:
    """Return the box of an answer's only segment."""
    assert response.success, response.message
    (segment,) = response.result.segmentations
    box = segment.box
    return box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height


def test_before_the_first_frame_it_waits_shortly_and_says_so(start, monkeypatch):
    graph = start()
    answer = graph.prompt(point((5, 5)))
    assert not answer.success
    assert 'no image has come' in answer.message and '/diagnostics' in answer.message


def test_a_prompt_waits_for_the_first_frame(start, monkeypatch):
    graph = start()
    graph.publisher()
    monkeypatch.setattr(history.History.newest, '__defaults__', (20.0,))
    answers = []
    asker = Thread(target=lambda: answers.append(graph.prompt(point((100, 70)))))
    asker.start()
    graph.publish(picture(**SCENE))
    asker.join(20)
    assert corners(answers[0]) == SCENE['blue']


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
    prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    graph.prompt(point((100, 70), id='kept'), keep=True)
    assert prompted.at(graph.publish(picture(**SCENE))).segmentations[0].prompt_id == 'kept'
    graph.clear()
    assert graph.counters().dropped == 0
