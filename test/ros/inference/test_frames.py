# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames by their stamps."""

from threading import Event, Thread

from builtin_interfaces.msg import Time
import cv2
from graph import PATIENCE, header
import numpy as np
import pytest
from scripted_model import ScriptedModel, picture
from sensor_msgs.msg import CompressedImage

from fastsam_ros.core import ImageError
from fastsam_ros.ros.callback_errors import Refused
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.history import History
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.srv import Prompt

MEGABYTES = 100


def frame(sec: int, nanosec: int = 0, settled: bool = True) -> Frame:
    made = Frame(to_image(header((sec, nanosec)), picture(red=(10, 20, 30, 40)), 'rgb8'))
    if settled:
        made.settled.set()
    return made


def number(scene, first: int = 1) -> Result:
    return Result(header((1, 0)), scene, np.arange(first, len(scene) + first, dtype=np.uint32))


def watch(thing: object, method: str, monkeypatch) -> Event:
    """Return an event that says that a method was called."""
    called, original = Event(), getattr(thing, method)

    def call(*arguments):
        called.set()
        return original(*arguments)

    monkeypatch.setattr(thing, method, call)
    return called


def filled(length: int, *frames: Frame) -> History:
    history = History(length, MEGABYTES)
    for each in frames:
        history.add(each)
    return history


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


def test_megabytes_bound_what_is_kept_and_the_newest_stays():
    history = History(100, 1)  # each holds 37 kB
    frames = [frame(sec) for sec in range(1, 61)]
    for each in frames:
        history.add(each)
    assert 20 < len(history) < 30
    assert history.nbytes <= 10**6
    assert history.newest(segmented=False) is frames[-1]
    history.resize(100, 0)
    assert len(history) == 1 and history.newest(segmented=False) is frames[-1]


def test_what_the_network_found_counts_as_kept():
    seen, came = frame(1), frame(1)
    seen.segmented(ScriptedModel(confidence=0.4), number)
    assert seen.nbytes > came.nbytes + 90_000  # prototypes: 32 maps of 24x32


def test_what_the_network_found_pushes_out_what_is_older():
    history, frames = History(100, 1), [frame(sec) for sec in range(1, 24)]
    for each in frames:
        history.add(each)
    assert len(history) == len(frames)
    for each in frames[-3:]:
        each.segmented(ScriptedModel(confidence=0.4), number)
        history.segmented(each)
    assert len(history) < len(frames)
    assert history.newest(segmented=True) is frames[-1]


def test_pictures_made_of_compressed_frames_push_out_what_is_older():
    data = cv2.imencode('.jpg', np.zeros((480, 640, 3), np.uint8))[1].tobytes()
    frames = [
        Frame(CompressedImage(header=header((sec, 0)), format='jpeg', data=data))
        for sec in range(1, 11)]
    history = History(100, 3)  # room for three pictures
    for each in frames:
        history.add(each)
        each.settled.set()
        each.picture()  # as for ~/tracked, before the network has seen it
    assert len(history) <= 4
    assert history.newest(segmented=False, patience=0) is frames[-1]


def test_what_a_frame_learned_since_pushes_out_what_is_older_once_it_was_counted():
    history = filled(100, *[frame(sec) for sec in range(1, 11)])
    frames = [history.at(Time(sec=sec)) for sec in range(1, 11)]
    scene = frames[-1].segmented(ScriptedModel(confidence=0.4), number).scene
    history.segmented(frames[-1])
    vars(scene)['learned'] = np.zeros(MEGABYTES * 10**6, np.uint8)
    assert history.nbytes > MEGABYTES * 10**6
    history.add(frame(11))
    assert len(history) < 11


def test_a_scene_may_learn_more_of_its_segments_while_it_is_counted():
    """Another thread asks it for something that it then keeps."""
    seen = frame(1)
    scene = seen.segmented(ScriptedModel(confidence=0.4), number).scene

    class AskedElsewhere:
        @property
        def nbytes(self):
            vars(scene)['learned meanwhile'] = np.zeros(9)
            return 1000

    before = seen.nbytes
    vars(scene)['asked elsewhere'] = AskedElsewhere()
    assert seen.nbytes == before + 1000
    assert vars(scene)['learned meanwhile'] is not None


def test_of_frames_that_came_and_were_segmented_each_counts_once():
    seen = frame(1)
    history = filled(3, seen)
    seen.segmented(ScriptedModel(confidence=0.4), number)
    history.segmented(seen)
    assert (len(history), history.nbytes) == (1, seen.nbytes)


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
