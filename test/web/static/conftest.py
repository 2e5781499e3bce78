# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page in a browser, for tests of its modules."""

from collections.abc import Iterator

from fake_bridge import FakeBridge
import pytest
from served import Served

from fastsam_ros.web.session.hub import Hub


@pytest.fixture(scope='module')
def page(browser) -> Iterator:
    """The page as it opens, with a stand-in for the node: what its modules do can be evaluated."""
    bridge = FakeBridge()
    server = Served(Hub(bridge), bridge)
    page = browser.new_page()
    page.goto(server.url())
    yield page
    page.close()
    server.stop()
