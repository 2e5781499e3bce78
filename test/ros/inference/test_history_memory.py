# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What frames hold in memory, and that the oldest go when it is too much."""

from builtin_interfaces.msg import Time
import cv2
from graph import header
from made_frames import MEGABYTES, filled, frame, number
import numpy as np
from scripted_model import ScriptedModel
from sensor_msgs.msg import CompressedImage

from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.history import History


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
