# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Texts and overlays take long: segments and other cameras don't wait for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from graph import PATIENCE, change, point, state, wait_until
from lifecycle_msgs.msg import State, Transition
import pytest
import scripted_encoder
from scripted_model import picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.topics import messages

RED = (5, 5, 35, 45)


@pytest.fixture
def pair(start):
    """Two cameras, of which the first has shown a red thing."""
    scripted_encoder.register()
    graph = start(cameras=['front', 'rear'], text_model=scripted_encoder.NAME)
    for name in ('front', 'rear'):
        setattr(graph, name, graph.mailbox(SegmentationArray, f'fastsam/{name}/segmentations'))
    graph.prompted = graph.mailbox(SegmentationArray, 'fastsam/front/prompted')
    show(graph, 'front')
    return graph


def show(graph, camera: str) -> tuple[int, int]:
    """Publish a picture and wait until its segments came and all else is under way."""
    processed = graph.counters(camera).processed
    stamp = graph.publish(picture(red=RED), topic=f'{camera}/image')
    getattr(graph, camera).at(stamp)
    wait_until(lambda: graph.counters(camera).processed > processed)
    return stamp


@contextmanager
def held(thing: object, method: str, monkeypatch) -> Iterator[Event]:
    """Let a method's calls end only when this is left; the event says that one began."""
    began, go_on, original = Event(), Event(), getattr(thing, method)

    def wait(*arguments):
        began.set()
        assert go_on.wait(PATIENCE)
        return original(*arguments)

    monkeypatch.setattr(thing, method, wait)
    try:
        yield began
    finally:
        go_on.set()


def stamps(mailbox) -> list[tuple[int, int]]:
    return [(m.header.stamp.sec, m.header.stamp.nanosec) for m in mailbox.messages]


def keep_text(graph) -> None:
    answer = graph.prompt(PromptMessage(text='red', id='text'), camera='front', keep=True)
    assert answer.success, answer.message


def test_a_slow_text_holds_up_no_segments_no_other_prompt_and_no_camera(pair, monkeypatch):
    keep_text(pair)
    assert pair.prompt(point((10, 10), id='point'), camera='front', keep=True).success
    with held(pair.node.model.matcher, 'match', monkeypatch) as began:
        show(pair, 'front')
        assert began.wait(PATIENCE)
        show(pair, 'rear')
        for stamp in [show(pair, 'front') for _ in range(2)]:
            found = [s.prompt_id for s in pair.prompted.at(stamp).segmentations]
            assert sorted(found) == ['point', 'text']  # what answered it is followed between
        for camera in ('front', 'rear'):
            assert pair.prompt(point((10, 10)), camera=camera).result.segmentations
    pair.clear()


def test_a_text_that_is_asked_once_holds_up_no_point(pair, monkeypatch):
    asked = []
    with held(pair.node.model.matcher, 'match', monkeypatch) as began:
        thread = Thread(target=lambda: asked.append(
            pair.prompt(PromptMessage(text='red'), camera='front')))
        thread.start()
        assert began.wait(PATIENCE)
        assert pair.prompt(point((10, 10)), camera='front').result.segmentations
        assert asked == []
    thread.join(PATIENCE)
    assert [s.label for s in asked[0].result.segmentations] == ['red']


def test_a_slow_overlay_holds_up_no_segments_and_no_points(pair, monkeypatch):
    overlay = pair.mailbox(Image, 'fastsam/front/overlay')
    pair.prompt(point((10, 10), id='point'), camera='front', keep=True)
    with held(messages, 'overlay', monkeypatch) as began:
        first = show(pair, 'front')
        assert began.wait(PATIENCE)
        show(pair, 'rear')
        second, third = (show(pair, 'front') for _ in range(2))
        for stamp in (first, second, third):
            assert [s.prompt_id for s in pair.prompted.at(stamp).segmentations] == ['point']
        assert overlay.messages == []
    overlay.at(third)
    assert stamps(overlay) == [first, third]


def test_deactivating_ends_slow_work_in_order(pair, monkeypatch):
    keep_text(pair)
    ended = []
    with held(pair.node.model.matcher, 'match', monkeypatch) as began:
        show(pair, 'front')
        assert began.wait(PATIENCE)
        thread = Thread(
            target=lambda: ended.append(change(pair, Transition.TRANSITION_DEACTIVATE)))
        thread.start()
        wait_until(lambda: state(pair) == State.TRANSITION_STATE_DEACTIVATING)
        wait_until(lambda: pair.node.engine is None)
        assert ended == []
    thread.join(PATIENCE)
    assert ended == [True]


def test_a_text_that_is_cleared_meanwhile_is_not_followed(pair, monkeypatch):
    keep_text(pair)
    with held(pair.node.model.matcher, 'match', monkeypatch) as began:
        show(pair, 'front')
        assert began.wait(PATIENCE)
        assert pair.clear('text').success
    assert change(pair, Transition.TRANSITION_DEACTIVATE)  # it has come to its end
    assert pair.node.cameras['front'].tracker.names == ()
