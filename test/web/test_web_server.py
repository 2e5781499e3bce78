# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page's command takes, and the address that it prints."""

import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from fastsam_ros.web import command
from fastsam_ros.web.access import server


@pytest.mark.parametrize('port', ['99999', '65536', '-1', 'http', '8080.5'])
def test_a_port_that_is_none_is_refused_in_words(capsys, monkeypatch, port):
    monkeypatch.setattr(server, '_serve', lambda *_: pytest.fail('it serves'))
    with pytest.raises(SystemExit) as end:
        command.main([f'--port={port}'])
    assert end.value.code == 2
    assert "Invalid value for '--port'" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys):
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SystemExit) as end:
            command.main(['--port', str(port)])
    assert end.value.code == 1
    assert f'cannot listen on 127.0.0.1 port {port}' in capsys.readouterr().err


def test_ros_arguments_and_options_reach_the_page_apart(monkeypatch):
    served = []
    monkeypatch.setattr(server, 'serve', lambda *given: served.append(given) or 0)
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
    with socket.create_server(('127.0.0.1', 0)) as listener:
        address = urlsplit(server._address(listener, token))
        assert address.netloc == f'127.0.0.1:{listener.getsockname()[1]}'
    assert parse_qs(address.query) == {'token': [token]}
    assert address.fragment == ''
