# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The web page's server: a socket, a token where one is needed, and what is shown behind it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
import signal
import socket
import sys
from typing import Protocol

import uvicorn

from fastsam_ros.web.access.access import is_loopback, new_token
from fastsam_ros.web.access.address import greet
from fastsam_ros.web.application import make_application
from fastsam_ros.web.session import hub
from fastsam_ros.web.session.clients import Packet

MOST = 64  # connections; more are told to come back
MOST_SENT = 8 << 20  # bytes that a browser may send at once: a picture


class Server(uvicorn.Server):
    """
    uvicorn's server, which ends in order on SIGINT and SIGTERM, however often they come.

    uvicorn raises each signal again when it has ended. Ctrl-C in a launch comes twice, from the
    terminal and from launch, and the second one then meets a loop that is being closed.
    """

    def capture_signals(self) -> AbstractContextManager:
        """Take over from uvicorn, from 0.29 on."""
        self.install_signal_handlers()
        return nullcontext()

    def install_signal_handlers(self) -> None:
        """Take over from uvicorn before 0.29."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)

    def _end(self, *_: object) -> None:
        self.should_exit = True


class Bridge(hub.Bridge, Protocol):
    """What the page shows and asks, with threads of its own."""

    deliver: Callable[[Packet], None]

    def start(self) -> None:
        """Begin to listen."""

    def stop(self) -> None:
        """End the threads."""


def serve(bridge: Callable[[], Bridge], host: str, port: int, token: str = '') -> int:
    """
    Serve the page until Ctrl-C.

    :param bridge: makes it, once the port is had
    :param host: address to listen on
    :param port: 0 for any that is free
    :param token: what visitors have to show; '': none on a loopback address, else a new one
    :return: exit status
    """
    try:
        listener = _listen(host, port)
    except OSError as error:
        print(
            f'error: cannot listen on {host} port {port}: {error.strerror}; '
            'choose another with --port, or --port 0 for any that is free', file=sys.stderr)
        return 1
    _run(bridge(), listener, token or ('' if is_loopback(host) else new_token()))
    return 0


def _run(bridge: Bridge, listener: socket.socket, token: str) -> None:
    viewers = hub.Hub(bridge)
    bridge.deliver = viewers.deliver
    bridge.start()
    config = uvicorn.Config(
        make_application(viewers, token), log_level='warning', ws='auto', limit_concurrency=MOST,
        ws_max_size=MOST_SENT, ws_per_message_deflate=False, timeout_graceful_shutdown=1)
    greet(listener.getsockname()[0], listener.getsockname()[1], token)
    try:
        Server(config).run(sockets=[listener])
    finally:
        bridge.stop()


def _listen(host: str, port: int) -> socket.socket:
    """
    A socket that listens; made here so that the real port is known before anything starts.

    Who connects before the server runs waits in its queue.
    """
    name = host.strip('[]')
    family, _, _, _, address = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
