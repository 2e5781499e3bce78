# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many browsers at once, on the real graph: none of them slows the node, or another one."""

from contextlib import ExitStack, closing

from graph import point, wait_until
import pytest
from ros_side import PICTURE, RED, has_camera, listeners, matched
from served import Deaf, Served, wait_for

from fastsam_ros.web.session.clients import MATCHES
from fastsam_ros.web.session.hub import Hub

CROWD = 10
FRAMES = 20  # that the crowd misses
MOST = 2000  # until the connections themselves hold no more; it takes 50 or so


@pytest.fixture
def page(ros_side):
    """A node with a camera, the page's server, and what the server makes ready for browsers."""
    graph, bridge, _ = ros_side.connect()
    graph.publisher()
    wait_until(lambda: has_camera(bridge))
    server = Served(Hub(bridge), bridge)
    made = []
    bridge.deliver = lambda packet: made.append(packet) or server.hub.deliver(packet)
    yield graph, server, made
    server.stop()


@pytest.fixture
def crowd(page):
    """Browsers that read nothing, and ask for more all the same."""
    _, server, _ = page
    with ExitStack() as stack:
        yield [stack.enter_context(closing(Deaf(server))) for _ in range(CROWD)]


def test_ten_browsers_that_read_nothing_hold_up_neither_the_node_nor_another(page, crowd):
    graph, server, made = page
    with server.talk() as reader:
        for browser in (*crowd, reader):
            browser.say(type='watch', camera='')
        wait_until(lambda: matched(graph))
        wait_for(lambda: sum(c.camera == '' for c in [*server.hub.clients]) == CROWD + 1)
        stamps = [see(graph, reader)]
        assert graph.prompt(point(RED, id='mine'), keep=True).success
        while len(stuck := stuck_since(server, stamps[-FRAMES:][0])) < CROWD:
            assert len(stamps) < MOST
            stamps.append(see(graph, reader))
            for browser in crowd:
                browser.say(type='shown')
        assert listeners(graph) == (2, 1, 1)  # eleven browsers are one client of the node
        assert [packet.stamp for packet in made if packet.kind == 'frame'] == stamps
        assert graph.counters().dropped == 0
        assert [client._frame.stamp for client in stuck] == stamps[-1:] * CROWD
        assert all(len(client._matches) <= MATCHES for client in stuck)
        assert not any(client.lost for client in stuck)


def see(graph, reader):
    """Publish a picture, and wait until somebody has it on the screen."""
    stamp = graph.publish(PICTURE)
    assert reader.hear('frame')['stamp'] == list(stamp)
    reader.say(type='shown')
    return stamp


def stuck_since(server, stamp):
    """Those of the server's clients to whom nothing newer than that goes out."""
    return [client for client in [*server.hub.clients]
            if client._recent and client._recent[-1].stamp < stamp]
