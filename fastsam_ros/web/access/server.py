# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The web page's command.

    ros2 run fastsam_ros web [--host HOST] [--port PORT] [--token TOKEN] [--node NAME]
    python -m fastsam_ros.web ...                  the same
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import socket
import sys
from urllib.parse import urlencode

import rclpy
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args
import uvicorn

from fastsam_ros.ros.topics.dds_profile import make_room
from fastsam_ros.web.access.access import is_loopback, new_token
from fastsam_ros.web.application import make_application
from fastsam_ros.web.ros.bridge import RosBridge
from fastsam_ros.web.session.hub import Hub

PORT, LAST_PORT = 8080, 65535
SMALL = 1 << 18  # bytes that a browser may send at once


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Serve the page until Ctrl-C.

    :param arguments: as after the command's name; None for those of the process
    :return: exit status
    """
    words = list(sys.argv if arguments is None else ['web', *arguments])
    options = _parse(remove_ros_args(words)[1:])
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        print(
            f'error: cannot listen on {options.host} port {options.port}: {error.strerror}; '
            'choose another with --port, or --port 0 for any that is free', file=sys.stderr)
        return 1
    token = options.token or ('' if is_loopback(options.host) else new_token())
    # uvicorn handles the signals; rclpy's own handlers would shut ROS down before the page.
    make_room()
    rclpy.init(args=words, signal_handler_options=SignalHandlerOptions.NO)
    try:
        _serve(RosBridge(
            options.node, options.camera, options.image_transport, words), listener, token)
    finally:
        rclpy.try_shutdown()
    return 0


def _serve(bridge: RosBridge, listener: socket.socket, token: str) -> None:
    hub = Hub(bridge)
    bridge.deliver = hub.deliver
    bridge.start()
    config = uvicorn.Config(
        make_application(hub, token), log_level='warning', ws='auto',
        ws_max_size=SMALL, ws_per_message_deflate=False, timeout_graceful_shutdown=1)
    print(f'Open {_address(listener, token)}', flush=True)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        print('stopped', flush=True)
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


def _address(listener: socket.socket, token: str) -> str:
    host, port = listener.getsockname()[:2]
    if host in ('0.0.0.0', '::'):
        host = socket.gethostname()
    host = f'[{host}]' if ':' in host else host
    return f'http://{host}:{port}/' + (f'?{urlencode({"token": token})}' if token else '')


def _port(word: str) -> int:
    """A port's number; the system would take any other one modulo 65536."""
    if not word.isdecimal() or int(word) > LAST_PORT:
        raise argparse.ArgumentTypeError(f'{word!r} is not a port, a number from 0 to {LAST_PORT}')
    return int(word)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='web', description='Show the FastSAM node in a browser: live segments, and prompts '
        'by click, box and text.')
    add = parser.add_argument
    add('--host', default='127.0.0.1', help="address to listen on; any but this machine's own "
        'wants a token (default: %(default)s)')
    add('--port', type=_port, default=PORT, help='0: any that is free (default: %(default)s)')
    add('--token', default='', help='what visitors have to show; default: none on 127.0.0.1, '
        'else a new one that is printed')
    add('--node', default='fastsam', help='name of the FastSAM node (default: %(default)s)')
    add('--camera', action='append', default=[], help='show this camera; may be given several '
        'times (default: those that the node has)')
    add('--image-transport', default='auto', choices=('auto', 'raw', 'compressed'),
        help='how pictures come (default: as to the node)')
    return parser.parse_args(arguments)
