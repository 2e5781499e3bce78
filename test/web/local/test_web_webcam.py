# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Webcams that are not there, go, and come back; the page without ROS."""

from made_picture import made_picture
import pytest
from served import wait_for

from fastsam_ros.core.errors import ImageError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.web.local import bridge as local_bridge
from fastsam_ros.web.local.bridge import LONGEST_WAIT, LocalBridge, Trouble
from fastsam_ros.web.local.shows import Show


class Webcam:
    """A webcam that can be plugged in and out."""

    def __init__(self, plugged_in=False):
        self.plugged_in, self.tries, self.opened = plugged_in, 0, 0

    def open(self):
        self.tries += 1
        if not self.plugged_in:
            raise ImageError('camera 7 cannot be opened')
        self.opened += 1
        mine = self.opened
        return lambda seconds: self._picture(mine)

    def _picture(self, mine):
        if not self.plugged_in or mine != self.opened:
            self.opened += 1  # who once failed gives no more pictures
            raise ImageError('camera 7 gives no pictures')
        return made_picture()


@pytest.fixture(scope='module')
def model():
    return FastSam(image_size=320)


@pytest.fixture
def look(serve, model):
    """Look at shows with a browser."""
    bridges = []

    def start(*shows):
        bridge = LocalBridge(model, shows)
        bridges.append(bridge)
        served = serve(bridge)
        bridge.start()
        return bridge, served

    yield start
    for bridge in bridges:
        bridge.stop()


def camera(bridge, name='webcam 7'):
    return next(one for one in bridge.state()['cameras'] if one['name'] == name)


def test_a_webcam_that_is_not_there_is_told_of_until_it_is(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'FIRST_WAIT', 0.01)
    webcam = Webcam()
    bridge, served = look(Show('webcam 7', False, webcam.open))
    with served.talk() as browser:
        browser.say(type='watch', camera='webcam 7')
        wait_for(lambda: camera(bridge)['message'].startswith('camera 7 cannot be opened (next'))
        assert camera(bridge)['publishers'] == 0
        webcam.plugged_in = True
        assert browser.hear('frame')['camera'] == 'webcam 7'
        wait_for(lambda: camera(bridge)['publishers'] == 1)
    assert camera(bridge)['message'] == ''


def test_a_webcam_that_dies_is_opened_anew(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'FIRST_WAIT', 0.01)
    webcam = Webcam(plugged_in=True)
    bridge, served = look(Show('webcam 7', False, webcam.open))
    with served.talk() as browser:
        browser.say(type='watch', camera='webcam 7')
        browser.hear('frame')
        webcam.plugged_in = False
        wait_for(lambda: 'next try' in camera(bridge)['message'])
        webcam.plugged_in = True
        wait_for(lambda: camera(bridge)['message'] == '')
        browser.say(type='shown')
        browser.say(type='shown')
        assert browser.hear('frame')['camera'] == 'webcam 7'


def test_a_missing_webcam_is_not_tried_with_each_frame_of_another(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'FIRST_WAIT', 1000.0)
    good, missing = Webcam(plugged_in=True), Webcam()
    bridge, served = look(
        Show('good', False, good.open), Show('webcam 7', False, missing.open))
    with served.talk() as one, served.talk() as other:
        one.say(type='watch', camera='good')
        other.say(type='watch', camera='webcam 7')
        wait_for(lambda: camera(bridge)['message'])
        for _ in range(5):
            one.hear('frame')
            one.say(type='shown')
        assert missing.tries == 1
        other.say(type='watch', camera=None)
        wait_for(lambda: 'webcam 7' not in bridge._looks)
        other.say(type='watch', camera='webcam 7')  # who looks anew need not wait
        wait_for(lambda: missing.tries == 2)


class NetworkCamera:
    """A camera that answers when it is told to, as those on the network and webcams do."""

    def __init__(self):
        self.answer, self.opened, self.asked, self.closed = None, 0, 0, 0

    def open(self):
        self.opened += 1
        return self

    def __call__(self, seconds):
        if isinstance(self.answer, Exception):
            raise self.answer
        self.asked += 1
        return self.answer

    def close(self):
        self.closed += 1


def test_a_camera_is_closed_when_nobody_looks_and_at_the_end(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'LINGER', 0.0)
    network = NetworkCamera()
    network.answer = made_picture()
    bridge, served = look(Show('gate', False, network.open))
    with served.talk() as browser:
        browser.say(type='watch', camera='gate')
        browser.hear('frame')
        for times in (1, 2):
            browser.say(type='watch', camera=None)
            wait_for(lambda times=times: network.closed == times)
            browser.say(type='watch', camera='gate')
            wait_for(lambda times=times: network.opened == times + 1)
        assert network.closed == 2
        bridge.stop()
        assert network.closed == 3


def test_a_camera_stays_open_for_a_while_when_nobody_looks(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'LINGER', 1000.0)
    network, other = NetworkCamera(), NetworkCamera()
    network.answer = other.answer = made_picture()
    bridge, served = look(Show('gate', False, network.open), Show('yard', False, other.open))
    with served.talk() as browser:
        for name in ('gate', 'yard', 'gate'):
            browser.say(type='watch', camera=name)
            while browser.hear('frame')['camera'] != name:
                browser.say(type='shown')
            browser.say(type='shown')
    assert (network.opened, network.closed) == (1, 0)


def test_a_camera_is_closed_though_another_one_never_answers(look, monkeypatch):
    """Nothing is due, and nobody comes or goes."""
    monkeypatch.setattr(local_bridge, 'LINGER', 0.05)
    monkeypatch.setattr(local_bridge, 'FIRST_WAIT', 1000.0)
    network, missing = NetworkCamera(), Webcam()
    network.answer = made_picture()
    _, served = look(
        Show('gate', False, network.open), Show('webcam 7', False, missing.open))
    with served.talk() as browser:
        browser.say(type='watch', camera='gate')
        browser.hear('frame')
        browser.say(type='watch', camera='webcam 7')
        wait_for(lambda: network.closed == 1)


def test_others_are_shown_while_a_network_camera_does_not_answer(look, monkeypatch):
    monkeypatch.setattr(local_bridge, 'FIRST_WAIT', 0.01)
    monkeypatch.setattr(local_bridge, 'LONGEST_WAIT', 0.01)
    good, network = Webcam(plugged_in=True), NetworkCamera()
    bridge, served = look(Show('good', False, good.open), Show('gate', False, network.open))
    with served.talk() as one, served.talk() as other:
        other.say(type='watch', camera='gate')
        wait_for(lambda: network.asked)
        one.say(type='watch', camera='good')
        assert one.hear('frame')['camera'] == 'good'
        network.answer = ImageError('gate gives no pictures')
        wait_for(lambda: 'next try' in camera(bridge, 'gate')['message'])
        network.answer, asked = None, network.asked
        wait_for(lambda: network.asked > asked + 1)
        assert 'next try' in camera(bridge, 'gate')['message'], 'nothing has come yet'
        network.answer = made_picture()
        wait_for(lambda: camera(bridge, 'gate')['message'] == '')


def test_waits_double_up_to_the_longest():
    show, trouble, waits = Show('webcam 7', False, None), None, []
    for _ in range(7):
        trouble = Trouble.of(show, ImageError('gone'), trouble)
        waits.append(trouble.wait)
    assert waits == [1, 2, 4, 8, 16, LONGEST_WAIT, LONGEST_WAIT]
    assert trouble.message == 'gone (next try in 30 s)'


def test_a_picture_that_cannot_be_read_is_not_tried_by_itself():
    trouble = Trouble.of(Show('a.jpg', True, None), ImageError('no picture'), None)
    assert (trouble.message, trouble.until) == ('no picture', float('inf'))
