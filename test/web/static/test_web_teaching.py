# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A word is taught from the page: what browser, server, model and node make of it."""

import asyncio

import cv2
from fake_bridge import FakeBridge, frame_packet, segment
from graph import wait_until
from made_picture import SIZE, THINGS, made_picture
import numpy as np
from page import Person
import pytest
from ros_side import PICTURE, RED, ask, has_camera, matched, of
from served import wait_for

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.fastsam import FastSam
from fastsam_ros.web.local.bridge import LocalBridge
from fastsam_ros.web.local.shows import find_shows
from fastsam_ros.web.session.hub import Reply, Shown
from fastsam_ros.web.session.questions import Lesson

RUNS = RunLengths.from_mask(np.eye(40, dtype=bool))


@pytest.fixture
def server(serve):
    return serve(FakeBridge(['front']))


def lesson(browser, request=1, **fields):
    browser.say(**{
        'type': 'teach', 'request': request, 'word': 'my mug', 'camera': 'front', 'stamp': [3, 5],
        'prompt': {'points': [[20, 20]]}, **fields})
    return browser.hear('answer')


def test_what_answers_is_taught(server):
    with server.talk() as browser:
        assert lesson(browser)['message'] == 'learned'
        assert lesson(browser, counter=True)['success']
    (first, picture), (second, _) = server.bridge.taught
    assert (first.word, first.counter, second.counter) == ('my mug', False, True)
    assert first.question.stamp == (3, 5) and first.question.prompt.points.tolist() == [[20, 20]]
    assert picture is None


def test_a_frame_that_the_node_has_forgotten_is_sent_along(server):
    server.bridge.lessons = [Reply(False, 'gone', forgotten=True), Reply(True, 'learned')]
    with server.talk() as browser:
        browser.say(type='watch', camera='front')
        wait_for(lambda: 'front' in server.bridge.watched)
        server.bridge.deliver(frame_packet(
            'front', (3, 5), b'\xff\xd8\xff', [segment(RUNS, 9)], (60, 40)))
        browser.hear('frame')
        assert lesson(browser)['success']
    assert [picture for _, picture in server.bridge.taught] == [
        None, Shown(b'\xff\xd8\xff', (60, 40))]


@pytest.mark.parametrize('fields', [{'word': 7}, {'word': 'w' * 501}, {'prompt': 'that'}])
def test_what_teaches_nothing_is_refused(server, fields):
    with server.talk() as browser:
        assert not lesson(browser, **fields)['success']
    assert server.bridge.taught == []


@pytest.fixture
def local(serve, tmp_path):
    """The page on a made-up picture, and a model with words of its own."""
    cv2.imwrite(str(tmp_path / 'a.png'), made_picture()[..., ::-1])
    model = FastSam(image_size=320, words=tmp_path / 'words.zip')
    bridge = LocalBridge(model, find_shows([str(tmp_path / 'a.png')]))
    served = serve(bridge)
    bridge.start()
    yield served
    bridge.stop()


def test_without_ros_the_model_is_taught(local):
    with local.talk() as browser:
        browser.say(type='watch', camera='a.png')
        stamp = browser.hear('frame')['stamp']
        about = {'camera': 'a.png', 'stamp': stamp}
        answer = lesson(browser, **about, prompt={'points': [THINGS['red'][1]]})
        assert answer['message'] == "'my mug' has 1 example"
        found = browser.ask(request=2, **about, prompt={'text': 'my mug'})
        assert found['success'] and found['segments']['label'] == ['my mug']
        x, y = THINGS['red'][1]
        left, top, width, height = found['segments']['box'][0]
        assert left <= x < left + width and top <= y < top + height
        nothing = lesson(browser, 3, **about, word='a, b', prompt={'points': [[x, y]]})
        assert not nothing['success'] and 'not one word' in nothing['message']
        gone = lesson(browser, 4, camera='a.png', stamp=[1, 1], prompt={'points': [[x, y]]})
        assert not gone['success'] and 'no longer kept' in gone['message']


@pytest.fixture(scope='module')
def robot(ros_side, tmp_path_factory):
    """A node with words of its own, and the page's side of its graph."""
    path = tmp_path_factory.mktemp('words') / 'words.zip'
    graph, bridge, packets = ros_side.connect(words=str(path))
    graph.publisher()
    wait_until(lambda: has_camera(bridge))
    bridge.watch({''})
    wait_until(lambda: matched(graph))
    return graph, bridge, packets


def teach(bridge, stamp, **fields):
    parsed = Lesson.parse({'word': 'my mug', 'stamp': list(stamp), 'prompt': fields})
    return asyncio.run(bridge.teach(parsed))


def test_the_node_is_taught_and_its_names_are_asked_for_again(robot):
    graph, bridge, packets = robot
    stamp = graph.publish(PICTURE)
    packets.wait(of('frame', stamp))
    reply = teach(bridge, stamp, points=[RED])
    assert reply.success and reply.message == "'my mug' has 1 example"
    wait_until(lambda: bridge.state()['names'] == ['my mug'])
    found = ask(bridge, stamp=stamp, text='my mug')
    assert found.success and found.packet[0]['segments']['label'] == ['my mug']
    nothing = teach(bridge, stamp, points=[(55, 5)])
    assert not nothing.success and 'nothing was learned' in nothing.message
    forgotten = teach(bridge, (77, 7), points=[RED])
    assert not forgotten.success and forgotten.forgotten


def test_a_person_names_a_thing_and_finds_it_by_its_word(local, browser):
    person = Person(browser.new_context().new_page(), SIZE)
    person.open(local.url())
    person.click(*THINGS['red'][1])
    person.answered()
    person.page.fill('#word', 'my mug')
    person.page.click('#teach')
    person.until("() => document.getElementById('word').value === ''")
    person.until("() => [...document.querySelectorAll('#names option')]"
                 ".some(({ value }) => value === 'my mug')")
    person.page.fill('#text', 'my mug')
    person.page.press('#text', 'Enter')
    (row,) = person.answered()
    assert 'my mug' in row
    assert person.page.is_visible('#not-it') and not person.page.is_visible('#word')
    assert person.errors == []
