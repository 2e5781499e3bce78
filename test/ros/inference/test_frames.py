# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames by their stamps."""

from threading import Event, Thread

from builtin_interfaces.msg import Time
from graph import PATIENCE
from made_frames import MEGABYTES, filled, frame, number
import pytest
from scripted_model import ScriptedModel, picture

from fastsam_ros.core import ImageError
from fastsam_ros.ros.callback_errors import Refused
from fastsam_ros.ros.inference.history import History
from fastsam_ros.srv import Prompt


def watch(thing: object, method: str, monkeypatch) -> Event:
    """Return an event that says that a method was called."""
    called, original = Event(), getattr(thing, method)

    def call(*arguments):
        called.set()
        return original(*arguments)

    monkeypatch.setattr(thing, method, call)
    return called


def test_exactly_the_frame_of_a_stamp():
    frames = [frame(1, 5), frame(1, 6), frame(2, 5)]
    history = filled(5, *frames)
    assert history.at(Time(sec=1, nanosec=6)) is frames[1]


def test_the_oldest_goes_and_the_error_says_what_is_left():
    history = filled(2, frame(1), frame(2), frame(3, 250))
    with pytest.raises(Refused) as error:
        history.at(Time(sec=1))
    assert '1.000000000' in str(error.value)
    assert '2 are kept, from 2.000000000 to 3.000000250' in str(error.value)


def test_frames_that_only_pass_do_not_push_out_what_was_processed():
    seen = frame(1)
    history = filled(3, seen)
    history.segmented(seen)
    for sec in range(2, 40):
        history.add(frame(sec))
    assert history.at(Time(sec=1)) is seen
    assert history.newest(segmented=True) is seen


def test_resizing_keeps_the_newest():
    frames = [frame(sec) for sec in range(1, 5)]
    history = filled(4, *frames)
    history.resize(2, MEGABYTES)
    assert history.at(Time(sec=4)) is frames[3]
    with pytest.raises(Refused, match='2 are kept'):
        history.at(Time(sec=2))


def test_of_two_frames_with_one_stamp_the_later_counts():
    first, again = frame(7), frame(7)
    assert filled(5, first, frame(8), again).at(Time(sec=7)) is again


def test_a_frame_under_way_is_waited_for(monkeypatch):
    waiting = frame(1, settled=False)
    history = filled(2, waiting)
    found, waits = [], watch(waiting.settled, 'wait', monkeypatch)
    asker = Thread(target=lambda: found.append(history.at(Time(sec=1), patience=PATIENCE)))
    asker.start()
    assert waits.wait(PATIENCE)
    assert not found
    waiting.settled.set()
    asker.join(PATIENCE)
    assert found == [waiting]


def test_the_newest_that_was_processed_or_the_newest_at_all():
    old, new = frame(1), frame(2)
    history = filled(5, old, new)
    history.segmented(old)
    assert history.newest(segmented=True) is old
    assert history.newest(segmented=False) is new


@pytest.mark.parametrize('processed', [True, False])
def test_without_any_frame_it_says_so_shortly(processed):
    with pytest.raises(Refused, match='no image has come within 0.05 s'):
        History(3, MEGABYTES).newest(processed, patience=0.05)


def test_the_first_frame_is_waited_for(monkeypatch):
    history, found = History(3, MEGABYTES), []
    waits = watch(history._changed, 'wait', monkeypatch)
    asker = Thread(target=lambda: found.append(history.newest(False, patience=PATIENCE)))
    asker.start()
    assert waits.wait(PATIENCE)
    assert not found
    history.add(frame(1))
    asker.join(PATIENCE)
    assert len(found) == 1


def test_frames_that_were_not_segmented_yet_are_not_called_missing():
    with pytest.raises(Refused, match='images come, but none has been segmented'):
        filled(3, frame(1)).newest(segmented=True, patience=0.05)


def test_nothing_is_left_when_it_is_cleared():
    history = filled(3, frame(1))
    history.segmented(frame(1))
    history.clear()
    with pytest.raises(Refused, match='none has come yet'):
        history.at(Time(sec=1))
    with pytest.raises(Refused):
        history.newest(True, patience=0)


def test_the_network_runs_once_for_a_frame():
    model = ScriptedModel(confidence=0.4)
    asked = frame(1)
    assert asked.segmented(model, number) is asked.segmented(model, number)
    assert model.batches == [1]
    assert asked.result.ids.tolist() == [1]


def test_what_was_told_of_a_frame_is_not_told_otherwise_later():
    asked, model = frame(1), ScriptedModel(confidence=0.4)
    first = asked.segmented(model, lambda scene: number(scene, 41))
    again = number(first.scene)
    assert asked.keep(again) is first and asked.result is first


def test_who_asks_while_the_pipeline_ends_gets_what_was_published():
    asked, model = frame(1), ScriptedModel(confidence=0.4)
    published = number(model(picture(red=(10, 20, 30, 40))), 7)

    def number_late(scene):  # the pipeline is faster
        asked.keep(published)
        return number(scene)

    assert asked.segmented(model, number_late) is published


def test_when_the_network_rests_the_newest_is_the_one_that_came_last():
    old, new = frame(1), frame(2)
    new.arrived = old.arrived + 5
    history = filled(3, old, new)
    history.segmented(old)
    assert history.newest(segmented=True) is new


def test_an_old_image_is_not_now():
    old = frame(1)
    old.arrived -= 3
    history = filled(3, old)
    with pytest.raises(Refused, match='3.0 s ago, more than max_age') as refusal:
        history.newest(segmented=False, max_age=1.0)
    assert refusal.value.error == Prompt.Response.TOO_OLD
    assert history.newest(segmented=False) is old


def test_a_frame_that_cannot_be_read_says_why_each_time():
    broken = frame(1)
    broken.message.encoding = 'nonsense'
    for _ in range(2):
        with pytest.raises(ImageError, match='nonsense'):
            broken.segmented(ScriptedModel(confidence=0.4), number)


def test_a_frame_that_is_newer_than_all_others_is_waited_for(monkeypatch):
    history, found = filled(3, frame(1)), []
    waits, coming = watch(history._changed, 'wait', monkeypatch), frame(2)
    asker = Thread(target=lambda: found.append(history.at(Time(sec=2), patience=PATIENCE)))
    asker.start()
    assert waits.wait(PATIENCE)
    assert not found
    history.add(coming)
    asker.join(PATIENCE)
    assert found == [coming]


def test_a_frame_that_was_asked_about_is_kept_but_makes_no_older_one_the_newest():
    old, new = frame(1), frame(2)
    history = filled(2, old, new)
    for each in (new, old, old):
        history.segmented(each)
    assert history.newest(segmented=True) is new
    for sec in range(3, 9):
        history.add(frame(sec))
    assert history.at(Time(sec=1)) is old
