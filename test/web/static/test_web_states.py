# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page when something is missing, lost or refused, with a stand-in for the node."""

from itertools import count

import cv2
from fake_bridge import FakeBridge, frame_packet, segment
from made_picture import SIZE, made_picture
import numpy as np
from page import Person
import pytest
from served import Served, wait_for

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.session.hub import Hub, Reply
from fastsam_ros.web.session.packets import columns

WHOLE = RunLengths.from_mask(np.ones(SIZE[::-1], bool))
PICTURE = cv2.imencode('.jpg', made_picture()[..., ::-1])[1].tobytes()


def frame(n, camera=''):
    return frame_packet(camera, (n, 5), PICTURE, [segment(WHOLE, 3)], SIZE)


@pytest.fixture
def start():
    """Start a server for a bridge; on the port of an earlier one, when that is given."""
    started = []

    def make(bridge, port=0):
        started.append(Served(Hub(bridge), bridge, port=port))
        return started[-1]

    yield make
    for server in started:
        server.stop()


@pytest.fixture
def person(browser):
    person = Person(browser.new_page(), SIZE)
    yield person
    person.page.close()
    assert person.errors == []


def badge_is(person, words):
    person.until("words => document.getElementById('badge').textContent === words", words)


def show(person, server, n, camera=''):
    """Have a frame shown."""
    server.bridge.deliver(frame(n, camera))
    stamp = f'{n}.000000005'
    person.until("stamp => document.getElementById('stamp').textContent === stamp", stamp)


def looked_at(person, server, camera=''):
    """Wait until the page has asked for a camera."""
    wait_for(lambda: camera in server.bridge.watched, lambda: person.page.wait_for_timeout(10))


def test_a_missing_node_and_a_missing_camera_are_said(start, person):
    bridge = FakeBridge()
    bridge.node = False
    person.page.goto(start(bridge).url())
    badge_is(person, 'Waiting for the node')
    assert person.text('#empty-text') == 'The node /fastsam is not running.'
    bridge.node, bridge.publishers = True, 0
    badge_is(person, 'No camera')
    assert 'Nobody publishes pictures on /image' in person.text('#empty-text')
    bridge.publishers = 1
    badge_is(person, 'Waiting for pictures')


def test_what_is_missing_fits_on_a_phone(start, browser):
    bridge = FakeBridge(['front', 'a camera of a long name'])
    phone = Person(browser.new_page(viewport={'width': 320, 'height': 700}), SIZE)
    phone.page.goto(start(bridge).url())
    width = 'document.documentElement.scrollWidth'
    for cameras in (['front', 'a camera of a long name'], ['']):
        bridge.cameras = cameras
        bridge.node, bridge.publishers = False, 1
        badge_is(phone, 'Waiting for the node')
        assert phone.page.evaluate(width) == 320
        bridge.node = True
        badge_is(phone, 'Waiting for pictures')
        assert phone.page.evaluate(width) == 320
        assert not phone.page.locator('#fps').is_visible(), 'a rate of nothing'
    phone.page.close()


def test_a_lost_server_is_said_and_found_again(start, person):
    first = start(FakeBridge())
    person.page.goto(first.url())
    looked_at(person, first)
    show(person, first, 1)
    first.stop()
    badge_is(person, 'Reconnecting')
    person.click(100, 100)
    person.until("() => document.getElementById('error').textContent === "
                 "'No connection to the server.'")
    second = start(FakeBridge(), first.port)
    person.press('Escape')
    looked_at(person, second)
    numbers = count(2)

    def live():  # only while frames come
        show(person, second, next(numbers))
        return person.text('#badge') == 'Live'

    wait_for(live)


def test_what_the_node_says_against_a_question_is_shown(start, person):
    server = start(FakeBridge())
    server.bridge.replies = [Reply(False, 'no text model is loaded: bring one')]
    person.page.goto(server.url())
    looked_at(person, server)
    show(person, server, 1)
    person.press('t')
    person.page.keyboard.type('a cup')
    person.press('Enter')
    assert person.answered() == []
    assert person.text('#error') == 'No text model is loaded: bring one.'
    assert person.page.locator('#error').get_attribute('role') == 'alert'
    assert person.page.locator('#keep').is_disabled()


def test_a_choice_of_cameras(start, person):
    server = start(FakeBridge(['front', 'rear']))
    person.page.goto(server.url())
    looked_at(person, server, 'front')
    show(person, server, 1, 'front')
    person.page.select_option('#camera', 'rear')
    looked_at(person, server, 'rear')
    assert server.bridge.watched == {'rear'}
    show(person, server, 2, 'rear')
    person.page.locator('#stage').focus()
    person.press('c')
    looked_at(person, server, 'front')


def test_cameras_of_long_names_fit_on_a_phone(start, browser):
    names = ['motorcycle_in_a_garage_seen_from_the_left.png', 'another']
    server = start(FakeBridge(names))
    phone = Person(browser.new_page(viewport={'width': 390, 'height': 844}), SIZE)
    phone.page.goto(server.url())
    wait_for(lambda: server.bridge.watched == {names[0]}, lambda: phone.page.wait_for_timeout(10))
    show(phone, server, 1, names[0])
    assert phone.page.evaluate('document.documentElement.scrollWidth') == 390
    edges = [phone.page.locator(part).bounding_box() for part in ('#frame', '#help-button')]
    assert all(0 <= box['x'] <= box['x'] + box['width'] <= 390 for box in edges)
    phone.page.close()


def test_one_camera_needs_no_choice(start, person):
    person.page.goto(start(FakeBridge()).url())
    badge_is(person, 'Waiting for pictures')
    assert person.page.locator('#camera').is_hidden()


def test_prompts_of_others_are_listed_by_their_names(start, person):
    server = start(FakeBridge())
    person.page.goto(server.url())
    looked_at(person, server)
    show(person, server, 1)
    server.bridge.kept = [kept_entry('theirs', state='lost', message='not seen for 6 s')]
    person.until("() => document.querySelectorAll('#kept li').length === 1")
    assert person.page.locator('#kept .name').input_value() == 'theirs'
    assert person.text('#kept .now') == 'Lost not seen for 6 s'
    person.page.click('#kept .stop')
    wait_for(lambda: server.bridge.forgotten, lambda: person.page.wait_for_timeout(10))
    assert server.bridge.forgotten == [['theirs']]


def kept_entry(name, **more):
    """What stands, as a bridge tells it."""
    return {'id': name, 'camera': '', 'text': '', 'points': [[100, 100]], 'labels': [1],
            'box': None, 'selection': 'best', 'fixed': False, 'state': 'followed', 'message': '',
            **more}


def two_matches():
    """What the node answers: the left half and the right half of the picture."""
    left = np.zeros(SIZE[::-1], bool)
    left[:, : SIZE[0] // 2] = True
    halves = [segment(RunLengths.from_mask(mask), n, prompt_id='mine', prompt_score=0.9 - n / 10)
              for n, mask in enumerate((left, ~left), 1)]
    table, counts = columns(halves)
    return Reply(True, '', ({
        'id': 'mine', 'camera': '', 'stamp': [1, 5], 'width': SIZE[0], 'height': SIZE[1],
        'segments': table}, counts))


BRIGHTER = 15  # levels


def highlighted(person, bare):
    """Which of the two halves is brighter than it was."""
    now = person.colour_at((150, 200), (550, 200))
    return (now.mean(axis=1) > bare.mean(axis=1) + BRIGHTER).tolist()


@pytest.fixture
def answered(start, person):
    """A person who has an answer of two matches."""
    server = start(FakeBridge())
    server.bridge.replies = [two_matches()]
    person.page.goto(server.url())
    looked_at(person, server)
    show(person, server, 1)
    person.click(100, 100)
    assert len(person.answered()) == 2
    return person


def test_a_match_is_highlighted_from_the_keyboard_too(answered):
    page = answered.page
    bare = answered.colour_at((150, 200), (550, 200))

    def highlights(*halves):
        wait_for(lambda: highlighted(answered, bare) == [*halves],
                 lambda: page.wait_for_timeout(20))

    page.locator('#matches li').first.focus()
    highlights(True, False)
    answered.press('Tab')
    highlights(False, True)
    answered.press('Tab')  # to what is behind the list
    highlights(False, False)
    answered.press('Shift+Tab', 'Escape')  # the panel goes with what is focused in it
    assert page.evaluate('document.activeElement.id') == 'stage'


def test_the_same_words_again_are_news_to_who_listens(answered):
    spoken = "() => document.getElementById('live').textContent"
    first = answered.page.evaluate(spoken)
    assert '2 segments' in first
    answered.click(100, 100)
    answered.until(f'first => ({spoken})() !== first', first)
    assert answered.page.evaluate(spoken).strip() == first.strip()


def test_a_button_tells_its_state_by_its_name_or_as_pressed_and_not_by_both(answered):
    page = answered.page
    resume = page.get_by_role('button', name='Resume')
    assert resume.get_attribute('aria-pressed') is None
    resume.click()
    assert page.get_by_role('button', name='Pause').get_attribute('aria-pressed') is None
    everything = page.get_by_role('button', name='Everything')
    assert everything.get_attribute('aria-pressed') == 'true'
    everything.click()
    assert everything.get_attribute('aria-pressed') == 'false'
