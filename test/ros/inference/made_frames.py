# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Frames of small pictures, numbered results, and a history of some."""

from graph import header
import numpy as np
from scripted_model import picture

from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.history import History
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.ros.topics.result import Result

MEGABYTES = 100


def frame(sec: int, nanosec: int = 0, settled: bool = True) -> Frame:
    made = Frame(to_image(header((sec, nanosec)), picture(red=(10, 20, 30, 40)), 'rgb8'))
    if settled:
        made.settled.set()
    return made


def number(scene, first: int = 1) -> Result:
    return Result(header((1, 0)), scene, np.arange(first, len(scene) + first, dtype=np.uint32))


def filled(length: int, *frames: Frame) -> History:
    history = History(length, MEGABYTES)
    for each in frames:
        history.add(each)
    return history
