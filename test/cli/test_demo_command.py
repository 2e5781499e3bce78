# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam demo` and `fastsam page`, as they are typed."""

import os
import sys
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from fastsam_ros.cli.app import app
from fastsam_ros.core.errors import BackendError, ParameterError


@pytest.fixture
def typed(monkeypatch):
    """Type a command; what it raises is passed on."""
    for name in ('CAMERA', 'DURATION', 'WEB', 'FASTSAM_TOKEN'):
        monkeypatch.delenv(name, raising=False)
    return lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)


def test_the_demo_gets_what_the_options_say(typed, monkeypatch):
    asked = []

    def main():
        asked.append([os.environ[name] for name in ('CAMERA', 'DURATION', 'WEB')])
        return 3

    monkeypatch.setitem(sys.modules, 'fastsam_ros.demo.run', SimpleNamespace(main=main))
    assert typed('demo', '--camera', '0', '--duration', '7', '--no-web').exit_code == 3
    assert asked == [['0', '7', '0']]


def test_without_ros_the_demo_says_what_goes_without(typed, monkeypatch):
    monkeypatch.setitem(sys.modules, 'rclpy', None)
    monkeypatch.delitem(sys.modules, 'fastsam_ros.demo.run', raising=False)
    with pytest.raises(BackendError, match='fastsam page'):
        typed('demo')


def test_a_page_of_nothing_is_refused_before_the_model_is_loaded(typed, tmp_path, monkeypatch):
    monkeypatch.setattr('fastsam_ros.cli.options.load', lambda *_, **__: pytest.fail('loaded'))
    with pytest.raises((ParameterError, FileNotFoundError)):
        typed('page', str(tmp_path / 'nothing.jpg'))


def test_a_page_serves_what_was_named(typed, tmp_path, monkeypatch):
    served = []
    monkeypatch.setattr('fastsam_ros.cli.options.load', lambda *_, **__: 'a model')
    monkeypatch.setattr('fastsam_ros.web.server.serve', lambda *given: served.append(given))
    (tmp_path / 'token').write_text('secret\n')
    (tmp_path / 'a.png').write_bytes(b'')
    typed('page', str(tmp_path / 'a.png'), '--token', f'@{tmp_path / "token"}', '--port', '0')
    (bridge, host, port, token), = served
    assert (host, port, token) == ('127.0.0.1', 0, 'secret')
    assert [camera['name'] for camera in bridge().state()['cameras']] == ['a.png']
