# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The real node, with a network whose answers are known, and the page's side of its graph."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

from graph import Graph, Mailbox, wait_until
import pytest
import rclpy
from rclpy.signals import SignalHandlerOptions
from scripted_model import ScriptedModel, picture

from fastsam_ros.ros import node as node_module
from fastsam_ros.web.ros import bridge as bridge_module
from fastsam_ros.web.ros.bridge import RosBridge
from fastsam_ros.web.session import pace as pace_module
from fastsam_ros.web.session.questions import Question

PICTURE = picture(red=(10, 10, 50, 40), blue=(60, 50, 120, 90))
RED = (20, 20)


class RosSide:
    """Starts nodes and bridges; what it started ends with it, last first."""

    def __init__(self) -> None:
        self.stack = ExitStack()

    def __enter__(self) -> RosSide:
        if not rclpy.ok():
            rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
            self.stack.callback(rclpy.try_shutdown)
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(node_module, 'FastSam', ScriptedModel)
        patch.setattr(bridge_module, 'TICK', 0.05)
        patch.setattr(bridge_module, 'LINGER', 0.2)
        # However slow the machine is, no frame comes without its segments.
        patch.setattr(pace_module, 'SILENT_AFTER', 1e9)
        return self

    def __exit__(self, *_) -> None:
        self.stack.close()

    def connect(self, **parameters) -> tuple[Graph, RosBridge, Mailbox]:
        """A node, and a bridge to it that puts its packets into a mailbox."""
        graph = Graph(**parameters)
        self.stack.callback(graph.close)
        wait_until(lambda: graph.node.engine is not None)
        return graph, *self.bridge(graph.namespace)

    def bridge(self, namespace: str, **options) -> tuple[RosBridge, Mailbox]:
        """A bridge alone."""
        bridge = RosBridge(
            arguments=['web', '--ros-args', '-r', f'__ns:={namespace}'], **options)
        packets = Mailbox()
        bridge.deliver = packets.put
        bridge.start()
        self.stack.callback(bridge.stop)
        return bridge, packets


def listeners(graph: Graph) -> tuple[int, int, int]:
    """How many subscribe to the camera, to all segments, and to what prompts find."""
    return tuple(map(
        graph.client.count_subscribers, ('image', 'fastsam/segmentations', 'fastsam/prompted')))


def matched(graph: Graph) -> bool:
    """Whether camera, node and bridge reach one another."""
    results = [p for p in graph.node.publishers
               if p.topic_name.endswith(('/segmentations', '/prompted'))]
    return graph.publisher().get_subscription_count() == 2 and all(
        publisher.get_subscription_count() == 1 for publisher in results)


def of(kind, stamp):
    return lambda packet: packet.kind == kind and packet.stamp == stamp


def ask(bridge, shown=None, keep=False, stamp=None, camera='', fixed=False, parts=(), **prompt):
    question = Question.parse({
        'camera': camera, 'stamp': stamp and list(stamp), 'keep': keep, 'fixed': fixed,
        'parts': list(parts), 'prompt': prompt})
    return asyncio.run(bridge.ask(question, shown))


def has_camera(bridge: RosBridge) -> bool:
    """Whether the node runs, and something publishes its camera's pictures."""
    state = bridge.state()
    return state['node'] and bool(state['cameras']) and state['cameras'][0]['publishers'] > 0
