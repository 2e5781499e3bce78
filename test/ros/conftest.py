# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS for the tests of the node: a domain of its own, one context, and nodes by request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec

import pytest

if find_spec('rclpy') is None:  # `pip install .` alone: the half without ROS
    collect_ignore_glob = ['*test_*.py']  # in the folders below too


@pytest.fixture(scope='session')
def ros() -> Iterator[None]:
    """The ROS context of this process."""
    import rclpy
    from rclpy.signals import SignalHandlerOptions

    # Some tests send signals to this process; ROS would end at the first.
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    yield
    rclpy.try_shutdown()


@pytest.fixture
def client(ros: None) -> Iterator[object]:
    """A node beside those that are tested, which spins in two threads."""
    from graph import Spinner
    import rclpy

    node = rclpy.create_node('client_of_tests')
    spinner = Spinner(node, threads=2)
    yield node
    spinner.close()
    node.destroy_node()


@pytest.fixture(scope='module')
def start_real(ros: None) -> Iterator[Callable]:
    """Start a node with the model that ships; its parameters are keyword arguments."""
    from graph import Graph, wait_until

    graphs = []

    def start(**parameters: object) -> Graph:
        graphs.append(Graph(**parameters))
        if parameters.get('autostart', True):
            wait_until(lambda: graphs[-1].node.state == 'active')
        return graphs[-1]

    yield start
    for graph in graphs:
        graph.close()


@pytest.fixture(scope='module')
def start(start_real: Callable) -> Iterator[Callable]:
    """Start a node whose network is a `ScriptedModel`, which it has as `.model`."""
    from scripted_model import ScriptedModel

    from fastsam_ros.ros import node

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node, 'FastSam', ScriptedModel)
        yield start_real


@pytest.fixture(scope='module')
def graph(start: Callable):
    """One node with a scripted network for a whole module."""
    return start()
