# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is kept, in a browser: cards with names, states and places; parts; every frame."""

import cv2
from fake_bridge import FakeBridge, frame_packet, places_packet, segment
from made_picture import SIZE, made_picture
import numpy as np
from page import Person
import pytest
from served import wait_for

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.session.hub import Reply
from fastsam_ros.web.session.packets import columns

PICTURE = cv2.imencode('.jpg', made_picture()[..., ::-1])[1].tobytes()
MASK = np.zeros(SIZE[::-1], bool)
MASK[100:200, 50:250] = True
CUP = segment(RunLengths.from_mask(MASK), 7, prompt_id='cup', prompt_score=0.8)
ENTRY = {'id': 'cup', 'camera': '', 'text': '', 'points': [[100, 150]], 'labels': [1], 'box': None,
         'selection': 'best', 'fixed': False, 'state': 'followed', 'message': ''}


class Robot:
    """A page that shows a frame on which a cup is followed."""

    def __init__(self, server, person):
        self.bridge, self.person, self.page = server.bridge, person, person.page
        table, counts = columns([CUP])
        self.bridge.replies = [Reply(True, '', ({
            'id': 'cup', 'camera': '', 'stamp': [1, 5], 'width': SIZE[0], 'height': SIZE[1],
            'segments': table}, counts))]
        self.bridge.kept = [dict(ENTRY)]
        self.page.goto(server.url())
        wait_for(lambda: self.bridge.watched == {''}, self._breathe)

    def _breathe(self):
        self.page.wait_for_timeout(10)

    def show(self, n, kind='frame', found=(CUP,)):
        if kind == 'frame':
            self.bridge.deliver(frame_packet('', (n, 5), b'', found, SIZE, 'prompted'))
        self.bridge.deliver(frame_packet('', (n, 5), PICTURE, found, SIZE, kind))
        stamp = f'{n}.000000005'
        self.person.until(
            "stamp => document.getElementById('stamp').textContent === stamp", stamp)

    def asked(self, number=1):
        wait_for(lambda: len(self.bridge.asked) >= number, self._breathe)
        return self.bridge.asked[-1][0]

    def state_is(self, words):
        self.person.until(
            "words => document.querySelector('#kept .now')?.innerText === words", words)

    def place_is(self, words):
        self.person.until(
            "words => document.querySelector('#kept .place').textContent"
            "  .replaceAll('\\u00a0', ' ') === words", words)


@pytest.fixture
def robot(serve, browser):
    person = Person(browser.new_page(), SIZE)
    robot = Robot(serve(FakeBridge()), person)
    robot.show(1)
    yield robot
    person.page.close()
    assert person.errors == []


def test_a_card_says_how_a_thing_stands_where_it_is_and_how_large(robot):
    robot.state_is('Followed 80 %')
    robot.bridge.deliver(places_packet('', {'7': {'distance': 1.234, 'size': [0.12, 0.09, 0.08]}}))
    robot.place_is('1.23 m away · 12 × 9 × 8 cm')
    robot.bridge.deliver(places_packet('', {'7': {'distance': None, 'size': [2.5, 1.04, 0.5]}}))
    robot.place_is('2.5 × 1.0 × 0.5 m')
    robot.bridge.kept = [{**ENTRY, 'state': 'lost', 'message': 'out of the picture'}]
    robot.show(2, found=())
    robot.state_is('Lost out of the picture')
    assert robot.person.text('#kept .place') == ''


def test_a_part_is_asked_for_with_the_thing_as_it_is_seen(robot):
    robot.person.click(400, 300, 'Alt')
    question = robot.asked()
    assert question.keep and question.stamp == (1, 5)
    part, whole = question.prompt, question.parts
    assert part.points.tolist() == [[400, 300]] and part.id == 'cup'
    assert [(one.box.tolist(), one.id) for one in whole] == [([50, 100, 250, 200], 'cup')]


def test_a_part_of_what_is_not_seen_is_refused_in_words(robot):
    robot.show(2, found=())
    robot.person.click(400, 300, 'Alt')
    robot.person.until("() => document.getElementById('trouble').textContent"
                       " === 'Cup is not seen on this picture.'")
    assert robot.bridge.asked == []


def test_another_name_is_asked_for_and_the_old_one_ends(robot):
    field = robot.page.locator('#kept .name')
    assert field.input_value() == 'cup'
    field.fill('my cup')
    robot.person.press('Enter')
    question = robot.asked()
    assert (question.prompt.id, question.prompt.box.tolist()) == ('my cup', [50, 100, 250, 200])
    wait_for(lambda: robot.bridge.forgotten == [['cup']], robot._breathe)
    robot.person.until("() => document.querySelector('#kept .name').value === 'my cup'")
    robot.page.locator('#kept .name').fill('something else')
    robot.person.press('Escape')
    assert robot.page.locator('#kept .name').input_value() == 'my cup'
    assert len(robot.bridge.asked) == 1


def test_fixed_is_told_to_the_node(robot):
    robot.bridge.kept = []
    robot.person.click(100, 150)
    robot.person.answered()
    robot.page.locator('#fixed').check()
    robot.person.press('k')
    question = robot.asked(2)
    assert question.keep and question.fixed


def test_what_is_kept_is_shown_on_every_frame_once_the_colours_of_all_else_are_off(robot):
    assert robot.bridge.smooth == set()
    robot.page.click('#everything')
    wait_for(lambda: robot.bridge.smooth == {''}, robot._breathe)
    moved = segment(RunLengths.from_mask(np.roll(MASK, 200, axis=(1,))), 7, prompt_id='cup')
    robot.show(2, 'tracked', [moved])
    before, after = (90, 110), (300, 110)  # no thing is in the picture there
    old, new = robot.person.colour_at(before, after)
    assert np.abs(old - new).max() > 20
    robot.show(3, 'tracked')
    newer = robot.person.colour_at(before, after)
    assert np.abs(newer[1] - old).max() <= 8 and np.abs(newer[0] - new).max() <= 8
    robot.show(3, 'segments', [segment(RunLengths.from_mask(MASK), 9, label='table')])
    robot.page.mouse.move(*robot.person.place(*before))
    robot.person.until("() => document.getElementById('tip').textContent.includes('table')")
    robot.bridge.kept = []
    wait_for(lambda: robot.bridge.smooth == set(), robot._breathe)


def test_keeping_turns_the_colours_of_all_else_off_until_nothing_is_kept(robot):
    pressed = "on => document.getElementById('everything').ariaPressed === on"
    robot.bridge.kept = []
    robot.person.until("() => !document.querySelector('#kept li')")
    robot.person.click(100, 150)
    robot.person.answered()
    robot.person.press('k')
    robot.person.until(pressed, 'false')
    robot.page.click('#kept .stop')
    robot.person.until(pressed, 'true')
