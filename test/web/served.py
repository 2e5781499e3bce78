# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A running server of the page, and a browser's side of its websocket."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
import json
import socket
from threading import Event, Thread
import time

import uvicorn
from websockets.client import ClientProtocol
from websockets.protocol import State
from websockets.sync.client import connect
from websockets.uri import parse_uri

from fastsam_ros.web.application import make_application
from fastsam_ros.web.session.hub import Hub
from fastsam_ros.web.session.packets import unpack

LITTLE = 4096  # bytes
PATIENCE = 60.0  # seconds; what is waited for comes in milliseconds, but a machine may be busy


class Served:
    """
    A server in a thread.

    :param hub: between the bridge and the browsers
    :param bridge: the node, or what stands in for it
    :param token: what visitors have to show
    :param port: 0: any that is free
    """

    def __init__(self, hub: Hub, bridge, token: str = '', port: int = 0) -> None:
        self.hub, self.bridge = hub, bridge
        bridge.deliver = hub.deliver
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(('127.0.0.1', port))
        self.port = self._listener.getsockname()[1]
        self.host = f'127.0.0.1:{self.port}'
        self._server = uvicorn.Server(uvicorn.Config(
            make_application(hub, token), log_level='warning', timeout_graceful_shutdown=1,
            ws_ping_interval=None))  # a test may hold a browser that does not answer
        self._thread = Thread(target=self._server.run, kwargs={'sockets': [self._listener]})
        self._thread.start()
        # A connection waits in the listener's queue until the server takes it.
        self._listener.listen()

    def url(self, path: str = '/', scheme: str = 'http') -> str:
        return f'{scheme}://{self.host}{path}'

    def talk(self, path: str = '/ws', **options) -> Talk:
        """A browser that has just connected."""
        return Talk(self.url(path, 'ws'), **options)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


class Talk:
    """What a browser says, and what it hears."""

    def __init__(self, url: str, **options) -> None:
        self._open = ExitStack()
        self.socket = self._open.enter_context(
            connect(url, open_timeout=PATIENCE, max_size=None, **options))
        self._state: dict = {}  # the last one that came

    def __enter__(self) -> Talk:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        self._open.close()

    def say(self, **message) -> None:
        self.socket.send(json.dumps(message))

    def hear(self, *kinds: str) -> dict:
        """The next message of these kinds; a packet is its header with `counts` and `picture`."""
        while True:
            data = self.socket.recv(PATIENCE)
            if isinstance(data, bytes):
                header, counts, picture = unpack(data)
                message = {**header, 'counts': counts.tolist(), 'picture': bytes(picture)}
            else:
                message = json.loads(data)
            kind = message.get('kind', message.get('type'))
            if kind == 'state':
                self._state = message
            if kind in kinds:
                return message

    def hear_kept(self, wanted: Callable[[list], object]) -> list:
        """What is kept, as soon as it is as wanted; it may have come before the last answer."""
        state = self._state or self.hear('state')
        while not wanted(state['kept']):
            state = self.hear('state')
        return state['kept']

    def ask(self, **question) -> dict:
        """The answer to a question."""
        self.say(type='ask', **question)
        return self.hear('answer')


class Deaf:
    """
    A browser that reads nothing, over a connection that holds little.

    :param served: that it connects to; its own end holds little from now on too
    """

    def __init__(self, served: Served) -> None:
        served._listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LITTLE)
        self._protocol = ClientProtocol(parse_uri(served.url('/ws', 'ws')))
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LITTLE)
        self._socket.settimeout(PATIENCE)
        self._socket.connect(('127.0.0.1', served.port))
        self._protocol.send_request(self._protocol.connect())
        self._send()
        while self._protocol.state is State.CONNECTING:
            self._protocol.receive_data(self._socket.recv(LITTLE))
        assert self._protocol.state is State.OPEN

    def say(self, **message) -> None:
        self._protocol.send_text(json.dumps(message).encode())
        self._send()

    def close(self) -> None:
        self._socket.close()

    def _send(self) -> None:
        self._socket.sendall(b''.join(self._protocol.data_to_send()))


def wait_for(condition: Callable[[], object], pause: Callable[[], object] | None = None) -> None:
    """
    Wait until it holds; the server does its part in a thread of its own.

    :param pause: waits for a moment; a browser's own lets it do its part too
    """
    deadline = time.monotonic() + PATIENCE
    gate = Event()
    while not condition():
        assert time.monotonic() < deadline, 'it never came true'
        (pause or (lambda: gate.wait(0.005)))()
