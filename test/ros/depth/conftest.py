# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Cameras in space, on the real ROS graph."""

from itertools import count

from depth.space_graph import SpaceGraph
import pytest

NUMBERS = count(1)


@pytest.fixture
def open_graph(ros):
    graphs = []

    def make(*arguments, **settings):
        graphs.append(SpaceGraph(next(NUMBERS), *arguments, **settings))
        return graphs[-1]

    yield make
    for graph in graphs:
        graph.close()


@pytest.fixture
def graph(open_graph):
    graph = open_graph()
    graph.send_info()
    return graph
