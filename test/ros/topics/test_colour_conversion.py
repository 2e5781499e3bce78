# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A cv_bridge that is sound is used, one that is not ends no process and is told of."""

import os

import numpy as np
import pytest
from std_msgs.msg import Header

from fastsam_ros.doctor import ros_checks
from fastsam_ros.doctor.findings import State
from fastsam_ros.ros.diagnostics import model_status
from fastsam_ros.ros.topics import colour_conversion
from fastsam_ros.ros.topics.conversions import to_image, to_rgb

GREY = np.array([[1, 200], [30, 4]], np.uint8)
SOUND = """
import cv2, numpy, os
class CvBridge:
    def imgmsg_to_cv2(self, message, encoding):
        grey = numpy.frombuffer(message.data, numpy.uint8).reshape(message.height, message.width)
        return cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB)
"""
CRASHING = """
import os, signal
class CvBridge:
    def imgmsg_to_cv2(self, message, encoding):
        os.kill(os.getpid(), signal.SIGSEGV)
"""
WRONG = SOUND.replace('return', 'return 1 +')
FAILING = 'raise ImportError("numpy.core.multiarray failed to import")'


@pytest.fixture(autouse=True)
def fresh():
    """Nothing is known yet, and nothing of a test stays known."""
    colour_conversion.find_colour_conversion.cache_clear()
    yield
    colour_conversion.find_colour_conversion.cache_clear()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a cv_bridge of given source, for this process and its children."""
    def write(source: str) -> None:
        (tmp_path / 'cv_bridge.py').write_text(source)

    monkeypatch.syspath_prepend(str(tmp_path))
    path = os.pathsep.join([str(tmp_path), os.environ.get('PYTHONPATH', '')])
    monkeypatch.setenv('PYTHONPATH', path)
    monkeypatch.delitem(colour_conversion.sys.modules, 'cv_bridge', raising=False)
    yield write
    colour_conversion.sys.modules.pop('cv_bridge', None)


def test_a_sound_one_converts(install):
    install(SOUND)
    found = colour_conversion.find_colour_conversion()
    assert (found.name, found.problem) == ('cv_bridge', '')
    assert 'cv_bridge' in colour_conversion.sys.modules
    pixels = to_rgb(to_image(Header(), GREY, 'mono8'))
    np.testing.assert_array_equal(pixels, np.repeat(GREY[..., None], 3, axis=2))


@pytest.mark.parametrize('source, words', [
    (CRASHING, 'signal 11'), (FAILING, 'numpy.core.multiarray failed to import'),
    (WRONG, 'wrong pixels')])
def test_one_that_is_not_is_replaced_and_told_of(install, source, words):
    install(source)
    found = colour_conversion.find_colour_conversion()
    assert found.name == 'OpenCV' and words in found.problem
    assert 'cv_bridge' not in colour_conversion.sys.modules
    pixels = to_rgb(to_image(Header(), GREY, 'mono8'))
    np.testing.assert_array_equal(pixels, np.repeat(GREY[..., None], 3, axis=2))
    finding = ros_checks.check_conversion()
    assert finding.state is State.NOTE
    assert words in finding.text and 'numpy<2' in finding.advice


def test_one_that_hangs_is_not_waited_for(install, monkeypatch):
    install('import sys; sys.stdin.readline(); import threading; threading.Event().wait()')
    monkeypatch.setattr(colour_conversion, 'PATIENCE', 0.1)
    assert 'timed out' in colour_conversion.find_colour_conversion().problem


def test_without_any_opencv_converts_and_nothing_is_wrong(monkeypatch):
    monkeypatch.setattr(colour_conversion, 'find_spec', lambda name: None)
    finding = ros_checks.check_conversion()
    assert (finding.state, finding.text) == (State.GOOD, 'converted by OpenCV')


def test_the_diagnostics_say_who_converts(install, model):
    install(CRASHING)
    values = {pair.key: pair.value for pair in model_status('/a', 'active', model, '').values}
    assert values['images converted by'].startswith('OpenCV (cv_bridge crashes (signal 11)')
