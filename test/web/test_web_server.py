# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page's command takes, and the address that it prints."""

import signal
import socket
import subprocess
import sys
from urllib.parse import parse_qs, urlsplit

import pytest

from fastsam_ros.web import command, server
from fastsam_ros.web.access.address import page_address
from fastsam_ros.web.ros import serve


@pytest.mark.parametrize('port', ['99999', '65536', '-1', 'http', '8080.5'])
def test_a_port_that_is_none_is_refused_in_words(capsys, monkeypatch, port):
    monkeypatch.setattr(server, '_run', lambda *_: pytest.fail('it serves'))
    with pytest.raises(SystemExit) as end:
        command.main([f'--port={port}'])
    assert end.value.code == 2
    assert "Invalid value for '--port'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_and_ros_is_left_alone(capsys, monkeypatch):
    monkeypatch.setattr(serve.rclpy, 'try_shutdown', lambda: pytest.fail('of another program'))
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            command.main(['--port', str(port)])
    assert end.value.code == 1
    assert f'cannot listen on 127.0.0.1 port {port}' in capsys.readouterr().err


def test_ros_arguments_and_options_reach_the_page_apart(monkeypatch):
    served = []
    monkeypatch.setattr(serve, 'serve_node', lambda *given: served.append(given) or 0)
    with pytest.raises(SystemExit) as end:
        command.main(['--camera', 'a', '--camera', 'b', '--image-transport', 'raw',
                      '--ros-args', '-r', '__ns:=/robot'])
    assert end.value.code == 0
    (host, port, token, node, cameras, transport, words), = served
    assert (host, port, token, node) == ('127.0.0.1', 8080, '', 'fastsam')
    assert (cameras, transport) == (['a', 'b'], 'raw')
    assert words[-3:] == ['--ros-args', '-r', '__ns:=/robot']


@pytest.mark.parametrize('token', ['plain', 'a&b', 'a b+c', '50%', '#1', 'grün'])
def test_the_address_holds_the_token_whatever_it_is_made_of(token):
    address = urlsplit(page_address('127.0.0.1', 8080, token))
    assert address.netloc == '127.0.0.1:8080'
    assert parse_qs(address.query) == {'token': [token]}
    assert address.fragment == ''


SERVE = """
import socket, uvicorn
from fastsam_ros.web.server import Server

async def page(scope, receive, send):
    await receive()
    print('up', flush=True)
    await send({'type': 'lifespan.startup.complete'})
    await receive()
    await send({'type': 'lifespan.shutdown.complete'})

Server(uvicorn.Config(page, log_level='warning', lifespan='on')).run(
    sockets=[socket.create_server(('127.0.0.1', 0))])
"""


def test_ctrl_c_ends_the_server_without_a_traceback_even_when_it_comes_again():
    """In a launch it comes from the terminal, and from launch as well."""
    process = subprocess.Popen(
        [sys.executable, '-c', SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == 'up\n'
    for number in (signal.SIGINT, signal.SIGTERM):
        process.send_signal(number)
    assert process.wait() == 0
    assert process.stderr.read() == ''


def test_without_its_server_the_page_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'uvicorn', None)
    for name in ('server', 'ros.serve'):
        monkeypatch.delitem(sys.modules, f'fastsam_ros.web.{name}', raising=False)
    with pytest.raises(SystemExit) as end:
        command.main([])
    assert end.value.code == 1
    assert 'pip install uvicorn' in capsys.readouterr().err
