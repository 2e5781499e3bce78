# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A node whose camera shows three things, and a client that reads what is told of prompts."""

from collections.abc import Callable

from graph import Graph
from rclpy.qos import DurabilityPolicy, QoSProfile
from scripted_model import picture

from fastsam_ros.msg import PromptStatusArray, SegmentationArray
from fastsam_ros.srv import Prompt

# The small yellow box lies on the large red one.
SCENE = {'red': (10, 10, 70, 60), 'blue': (90, 50, 120, 90), 'yellow': (30, 20, 50, 40)}
LATCHED = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)


def listen(start: Callable[..., Graph]) -> Graph:
    """Start a node, with mailboxes for its segments and for what stands."""
    graph = start()
    graph.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    graph.standing = graph.mailbox(PromptStatusArray, 'fastsam/standing_prompts', LATCHED)
    return graph


def show(graph: Graph, **boxes: tuple[int, int, int, int]) -> SegmentationArray:
    """Publish a picture and return what answers the standing prompts on it."""
    return graph.prompted.at(graph.publish(picture(**boxes)))


def keep(graph: Graph, *prompts: object, **fields: object) -> Prompt.Response:
    """Let prompts stand."""
    answer = graph.prompt(*prompts, keep=True, **fields)
    assert answer.success, answer.message
    return answer
