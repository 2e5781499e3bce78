# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What `fastsam segment --show` shows, with a window of the test's own."""

import cv2
from made_picture import THINGS, made_picture
import numpy as np
import pytest

from fastsam_ros.core import Prompt
from fastsam_ros.core.errors import OutputError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.web.local.scenes import Scenes
from fastsam_ros.web.local.shows import Show, find_shows
from fastsam_ros.web.local.window import Window, show_all
from fastsam_ros.web.session.questions import Question


class Screen:
    """Remembers what is shown; its person presses keys, one a picture."""

    def __init__(self, keys):
        self.keys, self.shown, self.closed = [*keys], [], False

    def show(self, picture, wait=1):
        self.shown.append(picture)
        return ord(self.keys.pop(0)) if self.keys else ord('q')

    def close(self):
        self.closed = True


@pytest.fixture(scope='module')
def model():
    return FastSam(image_size=320)


LIVE = Show('camera', False, lambda: lambda _: made_picture())


@pytest.fixture(scope='module')
def still(tmp_path_factory):
    path = tmp_path_factory.mktemp('still') / 'still.png'
    cv2.imwrite(str(path), made_picture()[..., ::-1])
    return str(path)


class SlowCamera:
    """Gives what it has one by one, and nothing from then on."""

    def __init__(self, *pictures):
        self.pictures, self.closed = [*pictures], False

    def __call__(self, seconds):
        return self.pictures.pop(0) if self.pictures else None

    def close(self):
        self.closed = True


def is_drawn(picture, name, bare):
    """Whether anything is drawn on a thing or around it."""
    (x, y), near = THINGS[name][1], 60
    around = slice(y - near, y + near), slice(x - near, x + near)
    return np.any(picture[around] != bare[around])


def test_a_picture_stays_until_a_key_and_then_the_next_comes(model, still):
    screen = Screen('xxn')
    show_all(model, [*find_shows([still]), LIVE], [], False, screen, [])
    assert len(screen.shown) == 4 and screen.closed
    assert screen.shown[0] is screen.shown[2], 'it is segmented once'
    assert all(is_drawn(screen.shown[0], name, made_picture()) for name in THINGS)


def test_what_a_point_means_is_followed_and_nothing_else_coloured(model):
    screen = Screen('xxx')
    prompt = Prompt(points=[THINGS['red'][1]], id='it')
    show_all(model, [LIVE], [prompt], False, screen, [])
    for picture in screen.shown:
        drawn = {name: is_drawn(picture, name, made_picture()) for name in THINGS}
        assert drawn == {'red': True, 'blue': False, 'yellow': False}


@pytest.mark.parametrize('fixed', [False, True])
@pytest.mark.parametrize('ids', [('', ''), ('both', 'both')])
def test_each_of_several_prompts_is_followed(model, ids, fixed):
    screen = Screen('xxx')
    prompts = [Prompt(points=[THINGS[name][1]], id=id)
               for name, id in zip(('red', 'blue'), ids)]
    show_all(model, [LIVE], prompts, fixed, screen, [])
    for picture in screen.shown:
        drawn = {name: is_drawn(picture, name, made_picture()) for name in THINGS}
        assert drawn == {'red': True, 'blue': True, 'yellow': False}


def test_a_camera_that_has_no_picture_yet_is_waited_for_and_closed_at_the_end(model):
    camera = SlowCamera(None, None, made_picture(), None)
    screen = Screen('xxxx')
    prompt = Prompt(points=[THINGS['red'][1]], id='it')
    show_all(model, [Show('slow', False, lambda: camera)], [prompt], False, screen, [])
    assert [picture.any() for picture in screen.shown[:4]] == [False, False, True, True]
    assert is_drawn(screen.shown[2], 'red', made_picture())
    assert screen.shown[3] is screen.shown[2] and camera.closed


def test_ctrl_c_ends_it(model, still):
    screen = Screen('xxxx')
    show_all(model, find_shows([still]), [], False, screen, [True])
    assert len(screen.shown) == 1 and screen.closed


@pytest.mark.parametrize('gui, words', [
    ('GUI:   NONE', 'fastsam page'), ('', 'without windows'), ('  GUI:   QT5', 'no display')])
def test_where_no_window_can_be_it_says_what_to_do(monkeypatch, gui, words):
    monkeypatch.setattr(cv2, 'getBuildInformation', lambda: f'OpenCV\n{gui}\n')
    monkeypatch.setattr('sys.platform', 'linux')
    for name in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(OutputError, match=words):
        Window('title')


def test_a_word_that_is_forgotten_while_it_is_kept_stops_no_frame(tmp_path):
    model = FastSam(image_size=320, words=tmp_path / 'words.zip')
    scenes = Scenes(model, LIVE)
    frame, _, _ = scenes.step()
    model.teach('my mug', frame.scene.prompt(points=[THINGS['red'][1]]))
    scenes.ask(frame.stamp, Question('', (0, 0), Prompt(text='my mug', id='it'), keep=True))
    assert scenes.step()[2] == [{'id': 'it', 'state': 'followed', 'message': ''}]
    model.forget('my mug')
    [state] = scenes.step()[2]
    assert state['state'] == 'searching' and 'my mug' in state['message']
