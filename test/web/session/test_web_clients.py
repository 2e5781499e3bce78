# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Newest wins, nothing queues, and answers always arrive."""

import asyncio

import pytest

from fastsam_ros.web.session.clients import ANSWERS, IN_FLIGHT, MATCHES, Client, Packet

LOOP = asyncio.new_event_loop()


def frame(n, camera='', kind='frame'):
    return Packet(kind, camera, (n, 0), f'{kind} {n}'.encode())


def taken(client):
    """Everything that would go out now."""
    async def take():
        out = []
        while True:
            task = asyncio.ensure_future(client.next())
            await asyncio.sleep(0)  # one step: done, or it waits
            if not task.done():
                task.cancel()
                return out
            out.append(task.result())

    return LOOP.run_until_complete(take())


@pytest.fixture
def client():
    client = Client()
    client.look('')
    return client


def test_of_many_frames_the_newest_goes_out(client):
    for n in range(100):
        client.offer(frame(n))
    assert taken(client) == [b'frame 99']


def test_a_browser_that_shows_nothing_gets_no_more_frames(client):
    sent = []
    for n in range(10):
        client.offer(frame(n))
        sent += taken(client)
    assert sent == [b'frame 0', b'frame 1']
    assert IN_FLIGHT == 2
    client.shown()
    assert taken(client) == [b'frame 9']


def test_saying_shown_too_often_earns_nothing(client):
    for _ in range(10):
        client.shown()
    for n in range(3):
        client.offer(frame(n))
        taken(client)
    client.offer(frame(3))
    assert taken(client) == []


def test_answers_arrive_all_and_in_order_before_frames(client):
    client.offer(frame(1))
    for n in range(5):
        client.tell(str(n))
    assert taken(client) == ['0', '1', '2', '3', '4', b'frame 1']


def test_a_browser_that_takes_nothing_is_given_up(client):
    for n in range(ANSWERS + 1):
        client.tell(str(n))
    assert client.lost
    assert LOOP.run_until_complete(client.next()) is None


def test_matches_do_not_queue_either(client):
    for n in range(20):
        client.offer(frame(n, kind='prompted'))
    assert taken(client) == [f'prompted {n}'.encode() for n in range(20 - MATCHES, 20)]


def test_only_the_camera_that_is_looked_at(client):
    client.look('front')
    client.offer(frame(1, 'rear'))
    client.offer(frame(2, 'front'))
    assert taken(client) == [b'frame 2']
    client.offer(frame(3, 'front'))
    client.look(None)
    client.offer(frame(4, 'front'))
    assert taken(client) == []


def test_the_frame_on_the_screen_is_remembered(client):
    for n in range(6):
        client.offer(frame(n))
        taken(client)
        client.shown()
    client.look(None)
    assert client.recent('', (5, 0)).data == b'frame 5'
    assert client.recent('', (0, 0)) is None
    assert client.recent('rear', (5, 0)) is None


def test_matches_of_the_frame_on_the_screen_arrive_after_a_pause_too(client):
    client.offer(frame(1))
    taken(client)
    client.look(None)
    client.offer(frame(1, kind='prompted'))
    client.offer(frame(2, kind='prompted'))
    client.offer(frame(2))
    assert taken(client) == [b'prompted 1']


def test_who_wants_every_frame_takes_others_while_there_are_none(client):
    client.look('', smooth=True)
    client.offer(frame(1))
    assert taken(client) == [b'frame 1']
    client.offer(frame(3, kind='tracked'))
    client.offer(frame(2))  # the network is done with it after the picture of 3 was shown
    assert taken(client) == [b'tracked 3']
    client.shown()
    client.shown()
    client.offer(frame(3))
    client.offer(frame(4))
    assert taken(client) == [b'frame 4']


def test_who_wants_all_segments_takes_no_frames_without(client):
    client.offer(frame(1, kind='tracked'))
    assert taken(client) == []


def test_segments_go_beside_frames_that_come_without(client):
    client.offer(frame(1, kind='segments'))
    assert taken(client) == []
    client.look('', smooth=True)
    for n in range(3):
        client.offer(frame(n, kind='segments'))
    client.offer(frame(3, 'other', kind='segments'))
    client.offer(frame(3, kind='places'))
    assert sorted(taken(client)) == [b'places 3', b'segments 2']


def test_segments_beside_frames_wait_for_who_is_slow_and_never_go_out_in_front(client):
    client.look('', smooth=True)
    sent = []
    for n in range(6):
        client.offer(frame(n, kind='tracked'))
        client.offer(frame(n, kind='segments'))
        sent += taken(client)
    assert sent == [b'segments 0', b'tracked 0', b'segments 1', b'tracked 1', b'segments 2']
    client.shown()
    assert taken(client) == [b'tracked 5', b'segments 5']


def test_what_goes_beside_frames_of_another_camera_is_forgotten(client):
    client.look('front', smooth=True)
    client.offer(frame(1, 'front', kind='segments'))
    client.offer(frame(1, 'front', kind='places'))
    client.look('rear', smooth=True)
    assert taken(client) == []


def test_of_places_the_newest_go_out(client):
    for n in range(3):
        client.offer(frame(n, kind='places'))
    client.offer(frame(3, 'other', kind='places'))
    assert taken(client) == [b'places 2']
