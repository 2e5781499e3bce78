# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page without ROS: pictures and videos, the model called directly."""

import cv2
from made_picture import SIZE, THINGS, made_picture
import numpy as np
import pytest

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.web.local.bridge import LocalBridge
from fastsam_ros.web.local.shows import find_shows


@pytest.fixture(scope='module')
def model():
    return FastSam(image_size=320)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """Two pictures."""
    path = tmp_path_factory.mktemp('pictures')
    for name, picture in (('a.png', made_picture()), ('b.png', made_picture()[:, ::-1])):
        cv2.imwrite(str(path / name), picture[..., ::-1])
    return path


@pytest.fixture
def talk(serve, model, folder):
    bridge = LocalBridge(model, find_shows([str(folder)]))
    served = serve(bridge)
    bridge.start()
    with served.talk() as browser:
        browser.hub = served.hub
        yield browser
    bridge.stop()


def look(talk, camera):
    talk.say(type='watch', camera=camera)
    frame = talk.hear('frame')
    talk.say(type='shown')
    return frame


def test_pictures_are_listed_and_shown_with_their_segments(talk):
    state = talk.hear('state')
    assert [camera['name'] for camera in state['cameras']] == ['a.png', 'b.png']
    assert all(camera['still'] for camera in state['cameras']) and state['node']
    frame = look(talk, 'b.png')
    assert (frame['width'], frame['height']) == SIZE and frame['camera'] == 'b.png'
    shown = cv2.imdecode(np.frombuffer(frame['picture'], np.uint8), cv2.IMREAD_COLOR)
    assert np.abs(shown[..., ::-1].astype(int) - made_picture()[:, ::-1]).mean() < 5
    assert len(frame['segments']['id']) >= len(THINGS)


def test_a_point_is_answered_and_kept_until_it_is_forgotten(talk):
    frame = look(talk, 'a.png')
    (x, y), stamp = THINGS['red'][1], frame['stamp']
    question = {'camera': 'a.png', 'stamp': stamp, 'prompt': {'points': [[x, y]], 'id': 'it'}}
    answer = talk.ask(request=1, **question)
    assert answer['success'] and len(answer['segments']['id']) == 1
    box_x, box_y, width, height = answer['segments']['box'][0]
    assert box_x <= x < box_x + width and box_y <= y < box_y + height
    assert talk.ask(request=2, keep=True, **question)['success']
    (kept,) = talk.hear_kept(lambda kept: kept and 'state' in kept[0])
    assert (kept['id'], kept['state'], kept['message']) == ('it', 'followed', '')
    talk.say(type='watch', camera=None)
    talk.say(type='watch', camera='a.png')
    assert talk.hear('prompted')['segments']['prompt'] == ['it']
    talk.say(type='forget', request=3, ids=['it'])
    talk.hear_kept(lambda kept: not kept)
    assert talk.hear('answer')['success']


def test_fixed_means_the_pixels_and_parts_make_one_thing(talk):
    frame = look(talk, 'a.png')
    boxes = [[88, 88, 252, 252], [378, 78, 562, 222]]  # the red thing and the blue one
    asked = {'camera': 'a.png', 'stamp': frame['stamp'], 'keep': True}
    both = talk.ask(request=1, prompt={'box': boxes[0], 'id': 'both'}, parts=boxes[1:], **asked)
    assert both['success'] and both['segments']['prompt'] == ['both'] * 2
    assert talk.ask(request=2, prompt={'box': boxes[0], 'id': 'here'}, fixed=True,
                    **asked)['success']
    kept = talk.hear_kept(lambda kept: len(kept) == 2 and all('state' in one for one in kept))
    assert [(one['id'], one['fixed']) for one in kept] == [('both', False), ('here', True)]
    talk.say(type='watch', camera=None)
    talk.say(type='watch', camera='a.png')
    found = talk.hear('prompted')['segments']['prompt']
    while len(found) < 3:
        found = talk.hear('prompted')['segments']['prompt']
    assert sorted(found) == ['both', 'both', 'here']


def test_a_frame_that_is_gone_is_answered_from_the_picture_that_was_sent(talk):
    frame = look(talk, 'a.png')
    gone = [frame['stamp'][0] - 100, 0]
    point = {'points': [list(THINGS['red'][1])]}
    answer = talk.ask(request=1, camera='a.png', stamp=gone, prompt=point)
    assert not answer['success'] and 'no longer kept' in answer['message']


def test_a_picture_of_ones_own_is_segmented(talk):
    look(talk, 'a.png')
    jpeg = cv2.imencode('.jpg', made_picture()[..., ::-1])[1].tobytes()
    talk.socket.send(b'\5\0\0\0' + jpeg)
    brought = talk.hear('answer')
    assert brought['request'] == 5 and len(brought['segments']['id']) >= len(THINGS)
    talk.socket.send(b'\6\0\0\0' + b'no picture')
    assert 'no picture' in talk.hear('answer')['message']


def test_a_video_goes_on_by_itself(serve, model, tmp_path):
    path = tmp_path / 'clip.mp4'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 10, SIZE)
    for n in range(10):
        writer.write(np.roll(made_picture(), 4 * n, axis=1)[..., ::-1])
    writer.release()
    bridge = LocalBridge(model, find_shows([str(path)]))
    served = serve(bridge)
    bridge.start()
    with served.talk() as browser:
        first = look(browser, 'clip.mp4')
        browser.say(type='shown')
        second = browser.hear('frame')
    bridge.stop()
    assert second['stamp'] > first['stamp']
    assert (first['width'], first['height']) == SIZE


@pytest.mark.parametrize('words', [['nowhere.jpg'], []])
def test_nothing_to_show_is_said(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises((ParameterError, FileNotFoundError)):
        find_shows(words)
