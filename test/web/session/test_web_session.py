# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What browsers and the server say to one another."""

import asyncio
import struct
from threading import Event

from fake_bridge import FakeBridge, frame_packet, segment
import numpy as np
import pytest
from served import PATIENCE, wait_for

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.hub import Reply, Shown
from fastsam_ros.web.session.packets import columns

MASK = np.zeros((40, 60), bool)
MASK[10:20, 15:45] = True
RUNS = RunLengths.from_mask(MASK)
SIZE = (60, 40)
PICTURE = b'\xff\xd8\xff' + bytes(100)


def frame(n, camera='', kind='frame', prompt_id=''):
    return frame_packet(
        camera, (n, 5), PICTURE, [segment(RUNS, 9, prompt_id=prompt_id)], SIZE, kind)


def found(name='mine'):
    table, counts = columns([segment(RUNS, 9, 0.8, name, 0.7, 'cup')])
    return Reply(True, '', ({
        'id': name, 'camera': '', 'stamp': [1, 5], 'width': 60, 'height': 40,
        'segments': table}, counts))


@pytest.fixture
def server(serve):
    return serve(FakeBridge(['front', 'rear']))


def look(server, browser, camera='front'):
    browser.say(type='watch', camera=camera)
    wait_for(lambda: camera in server.bridge.watched)


def test_the_state_comes_first_and_again_as_it_changes(server):
    with server.talk() as browser:
        state = browser.hear('state')
        assert [camera['name'] for camera in state['cameras']] == ['front', 'rear']
        assert state['kept'] == []
        server.bridge.node = False
        assert browser.hear('state')['message'] == 'the node /fastsam is not running'


def test_a_frame_arrives_as_it_was(server):
    with server.talk() as browser:
        look(server, browser)
        server.bridge.deliver(frame(3, 'front'))
        packet = browser.hear('frame')
    assert (packet['stamp'], packet['width'], packet['height']) == ([3, 5], 60, 40)
    assert packet['picture'] == PICTURE
    assert packet['counts'] == RUNS.counts.tolist()


def test_cameras_are_watched_only_while_somebody_looks(server):
    with server.talk() as first, server.talk() as second:
        assert server.bridge.watched == set()
        look(server, first, 'front')
        look(server, second, 'rear')
        assert server.bridge.watched == {'front', 'rear'}
        first.say(type='watch', camera=None)
        wait_for(lambda: server.bridge.watched == {'rear'})
    wait_for(lambda: server.bridge.watched == set())


def test_ten_browsers_get_the_one_packet_that_was_made(server):
    browsers = [server.talk() for _ in range(10)]
    for browser in browsers:
        browser.say(type='watch', camera='front')
    wait_for(lambda: sum(c.camera == 'front' for c in [*server.hub.clients]) == 10)
    server.bridge.deliver(frame(1, 'front'))
    assert {browser.hear('frame')['picture'] for browser in browsers} == {PICTURE}
    for browser in browsers:
        browser.close()
    wait_for(lambda: not server.hub.clients)


def test_a_slow_browser_drops_frames_and_holds_nobody_up(server):
    with server.talk() as slow, server.talk() as quick:
        look(server, slow)
        look(server, quick)
        wait_for(lambda: sum(c.camera == 'front' for c in [*server.hub.clients]) == 2)
        for n in range(50):
            server.bridge.deliver(frame(n, 'front'))
            assert quick.hear('frame')['stamp'] == [n, 5]
            quick.say(type='shown')
        assert [slow.hear('frame')['stamp'][0] for _ in range(2)] == [0, 1]
        slow.say(type='shown')
        assert slow.hear('frame')['stamp'] == [49, 5]


def test_a_question_is_put_to_the_node_and_answered(server):
    server.bridge.replies = [found()]
    with server.talk() as browser:
        answer = browser.ask(
            request=7, camera='front', stamp=[1, 5],
            prompt={'points': [[20, 15]], 'labels': [1], 'id': 'mine'})
    assert (answer['request'], answer['success'], answer['id']) == (7, True, 'mine')
    assert answer['segments']['prompt_score'] == [0.7]
    assert answer['counts'] == RUNS.counts.tolist()
    question, picture = server.bridge.asked[0]
    assert (question.camera, question.stamp, question.keep) == ('front', (1, 5), False)
    assert picture is None


def test_what_the_node_says_against_it_is_told_in_its_words(server):
    server.bridge.replies = [Reply(False, 'no text model is loaded')]
    with server.talk() as browser:
        answer = browser.ask(request=1, camera='', stamp=None, prompt={'text': 'cup'})
    assert (answer['success'], answer['message']) == (False, 'no text model is loaded')
    assert len(server.bridge.asked) == 1


def test_a_frame_that_the_node_forgot_is_sent_along(server):
    server.bridge.replies = [Reply(False, 'no frame has that stamp', forgotten=True), found()]
    with server.talk() as browser:
        look(server, browser)
        server.bridge.deliver(frame(1, 'front'))
        browser.hear('frame')
        browser.say(type='watch', camera=None)
        answer = browser.ask(
            request=1, camera='front', stamp=[1, 5], prompt={'points': [[20, 15]]})
    assert answer['success']
    assert [picture for _, picture in server.bridge.asked] == [None, Shown(PICTURE, SIZE)]


def test_any_other_refusal_is_told_at_once(server):
    server.bridge.replies = [Reply(False, 'point 0 lies outside'), found()]
    with server.talk() as browser:
        look(server, browser)
        server.bridge.deliver(frame(1, 'front'))
        browser.hear('frame')
        answer = browser.ask(
            request=1, camera='front', stamp=[1, 5], prompt={'points': [[20, 15]]})
    assert (answer['success'], answer['message']) == (False, 'point 0 lies outside')
    assert len(server.bridge.asked) == 1


def test_everybody_sees_what_is_kept_and_removed(server):
    server.bridge.replies = [found()]
    with server.talk() as one, server.talk() as other:
        other.hear('state')
        one.ask(request=1, camera='front', stamp=[1, 5], keep=True,
                prompt={'text': 'cup', 'id': 'mine'})
        kept = other.hear('state')['kept']
        assert [(entry['id'], entry['text']) for entry in kept] == [('mine', 'cup')]
        other.say(type='forget', request=2, ids=['mine'])
        assert other.hear('answer')['success']
        assert server.bridge.forgotten == [['mine']]
    with server.talk() as late:
        assert late.hear('state')['kept'] == []


def test_what_was_asked_for_is_done_though_the_browser_is_gone(server, monkeypatch):
    server.bridge.replies = [found()]
    asked, answer, done = Event(), Event(), Event()

    async def forget(ids):
        asked.set()
        assert await asyncio.to_thread(answer.wait, PATIENCE)
        done.set()
        return Reply(True)

    monkeypatch.setattr(server.bridge, 'forget', forget)
    with server.talk() as browser:
        browser.ask(request=1, camera='', keep=True, prompt={'text': 'cup', 'id': 'mine'})
        browser.say(type='forget', request=2, ids=['mine'])
        assert asked.wait(PATIENCE)
    wait_for(lambda: not server.hub.clients)
    assert not done.is_set()
    answer.set()
    assert done.wait(PATIENCE)


def test_a_prompt_that_was_refused_is_not_kept(server):
    server.bridge.replies = [Reply(False, 'no')]
    with server.talk() as browser:
        browser.ask(request=1, camera='', keep=True, prompt={'text': 'cup'})
    with server.talk() as late:
        assert late.hear('state')['kept'] == []


def test_what_was_kept_is_gone_with_the_node(server):
    server.bridge.replies = [found()]
    with server.talk() as browser:
        browser.ask(request=1, camera='', keep=True, prompt={'text': 'cup'})
        server.bridge.node = False
        while (state := browser.hear('state'))['node']:
            assert state['kept']
        assert state['kept'] == []


def test_prompts_of_other_clients_are_seen(server):
    with server.talk() as browser:
        look(server, browser)
        server.bridge.deliver(frame(1, 'front', 'prompted', 'theirs'))
        assert browser.hear('prompted')['segments']['prompt'] == ['theirs']
        server.bridge.kept = [{'id': 'theirs', 'camera': 'front', 'state': 'searching'}]
        server.bridge.deliver(Packet('kept', '', (0, 0), b''))
        while not (kept := browser.hear('state')['kept']):
            pass
        assert kept == server.bridge.kept


def test_every_frame_comes_to_who_wants_what_is_kept_alone(server):
    with server.talk() as smooth, server.talk() as whole:
        look(server, whole)
        smooth.say(type='watch', camera='front', smooth=True)
        wait_for(lambda: server.bridge.smooth == {'front'})
        for kind, n in (('frame', 1), ('tracked', 2), ('frame', 2)):
            server.bridge.deliver(frame(n, 'front', kind, 'mine'))
        assert smooth.hear('tracked')['stamp'] == [2, 5]
        heard = whole.hear('frame', 'tracked')
        if heard['stamp'] == [1, 5]:  # it left before the second came to replace it
            assert heard['kind'] == 'frame'
            heard = whole.hear('frame', 'tracked')
        assert (heard['kind'], heard['stamp']) == ('frame', [2, 5])


@pytest.mark.parametrize('text, words', [
    ('nonsense', 'JSON'), ('[1]', 'unknown type'), ('{"type": "dance"}', 'unknown type'),
    ('{"type": "watch", "camera": 5}', 'camera is a name'), ('[' * 5000, 'JSON')])
def test_nonsense_is_answered_and_the_talk_goes_on(server, text, words):
    with server.talk() as browser:
        browser.socket.send(text)
        assert words in browser.hear('error')['message']
        look(server, browser)


@pytest.mark.parametrize('message', [
    {'type': 'ask', 'prompt': {'points': [[1]]}}, {'type': 'ask'}, {'type': 'forget', 'ids': 5},
    {'type': 'forget', 'ids': []}])
def test_a_question_that_is_none_is_answered_as_such(server, message):
    with server.talk() as browser:
        browser.say(request=4, **message)
        answer = browser.hear('answer')
    assert (answer['request'], answer['success']) == (4, False)
    assert answer['message']
    assert server.bridge.asked == server.bridge.forgotten == []


@pytest.mark.parametrize('message', [
    {'type': 'ask', 'prompt': {'points': [[20, 15]]}}, {'type': 'forget', 'ids': ['mine']}])
def test_what_nobody_thought_of_is_answered_and_logged(server, monkeypatch, caplog, message):
    async def fail(*_):
        raise ValueError('not thought of')

    monkeypatch.setattr(server.bridge, 'ask', fail)
    monkeypatch.setattr(server.bridge, 'forget', fail)
    with server.talk() as browser:
        browser.say(request=4, **message)
        answer = browser.hear('answer')
    assert (answer['request'], answer['success']) == (4, False)
    assert 'not thought of' in answer['message']
    assert 'not thought of' in caplog.text


def test_bytes_that_are_no_picture_are_refused_and_the_talk_goes_on(serve):
    with serve(FakeBridge()).talk() as talk:
        talk.socket.send(b'\1\2')
        assert 'four bytes and a picture' in talk.hear('error')['message']
        talk.say(type='shown')
        talk.socket.send(b'')
        talk.hear('error')


def test_a_picture_that_a_person_brings_is_segmented_and_asked_about(serve):
    bridge = FakeBridge()
    bridge.replies = [Reply(True, '', ({'stamp': [0, 0], 'segments': columns([])[0]}, b''))]
    with serve(bridge).talk() as talk:
        talk.socket.send(struct.pack('<I', 7) + b'jpeg')
        brought = talk.hear('answer')
        assert brought['request'] == 7 and brought['success']
        talk.ask(request=8, stamp=brought['stamp'], keep=True, prompt={'points': [[1, 1]]})
    (first, picture), (second, again) = bridge.asked
    assert picture.data == again.data == b'jpeg'
    assert first.prompt.selection.name == 'ALL' and not len(first.prompt.points)
    assert len(second.prompt.points) == 1 and not second.keep, 'there is nothing to follow in it'

