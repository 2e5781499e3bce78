# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the page's command takes, and the address that it prints."""

import socket
from urllib.parse import parse_qs, urlsplit

import pytest

from fastsam_ros.web.access import server


@pytest.mark.parametrize('port', ['99999', '65536', '-1', 'http', '8080.5'])
def test_a_port_that_is_none_is_refused_in_words(capsys, monkeypatch, port):
    monkeypatch.setattr(server, '_serve', lambda *_: pytest.fail('it serves'))
    with pytest.raises(SystemExit) as end:
        server.main([f'--port={port}'])
    assert end.value.code == 2
    assert f"'{port}' is not a port, a number from 0 to 65535" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(capsys):
    with socket.create_server(('127.0.0.1', 0)) as other:
        port = other.getsockname()[1]
        assert server.main(['--port', str(port)]) == 1
    assert f'cannot listen on 127.0.0.1 port {port}' in capsys.readouterr().err


@pytest.mark.parametrize('token', ['plain', 'a&b', 'a b+c', '50%', '#1', 'grün'])
def test_the_address_holds_the_token_whatever_it_is_made_of(token):
    with socket.create_server(('127.0.0.1', 0)) as listener:
        address = urlsplit(server._address(listener, token))
        assert address.netloc == f'127.0.0.1:{listener.getsockname()[1]}'
    assert parse_qs(address.query) == {'token': [token]}
    assert address.fragment == ''
