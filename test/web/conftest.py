# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's server for tests: in this process with a stand-in for the node, on a free port."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
import os
from pathlib import Path
import shutil
import sys

import pytest

from fastsam_ros.web.session.hub import Hub

sys.path.insert(0, str(Path(__file__).parents[1] / 'ros'))  # graph.py and scripted_model.py

if find_spec('rclpy') is None:  # `pip install .` alone: the half without ROS
    collect_ignore = ['test_web_server.py', 'static/test_web_page.py', *(
        f'ros/test_web_{name}.py' for name in ('bridge', 'crowd', 'places', 'ros', 'stream'))]

BROWSERS = ('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable')


@pytest.fixture
def serve() -> Iterator[Callable]:
    """Start a server: `serve(bridge, token='')` gives a `Served`."""
    from served import Served

    started = []

    def start(bridge, token: str = '') -> Served:
        started.append(Served(Hub(bridge), bridge, token))
        return started[-1]

    yield start
    for served in started:
        served.stop()


@pytest.fixture(scope='module')
def ros_side() -> Iterator:
    """Starts nodes and bridges to them; see there."""
    from ros_side import RosSide

    with RosSide() as side:
        yield side


@pytest.fixture(scope='module')  # while it is open, this thread can run no event loop
def browser() -> Iterator:
    """Headless Chromium, the system's own or Playwright's: nothing is downloaded."""
    path = os.environ.get('CHROMIUM') or next(filter(None, map(shutil.which, BROWSERS)), None)
    api = pytest.importorskip('playwright.sync_api')
    with api.sync_playwright() as playwright:
        try:
            chromium = playwright.chromium.launch(executable_path=path, args=['--no-sandbox'])
        except api.Error as error:
            missing = 'no Chromium: apt-get install chromium, playwright install chromium, or '\
                'set CHROMIUM'
            if os.environ.get('CI') == 'true':
                pytest.fail(f'{missing} ({error})')
            pytest.skip(missing)
        yield chromium
        chromium.close()
