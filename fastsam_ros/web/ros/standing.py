# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What stands, whoever asked for it: the topic ~/standing_prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rclpy.node import Node

from fastsam_ros.msg import Prompt, PromptStatus, PromptStatusArray
from fastsam_ros.ros.callback_errors import guarded
from fastsam_ros.ros.topics.qos import LATCHED

STATES = ('unknown', 'followed', 'searching', 'lost')  # of msg/PromptStatus
SELECTIONS = ('best', 'all', 'union', 'similar')  # of msg/Prompt


class Standing:
    """
    The list of standing prompts as the page shows it.

    :param node: that subscribes
    :param topic: the node's list, by its full name
    :param changed: is told that it has changed
    """

    def __init__(self, node: Node, topic: str, changed: Callable[[], None]) -> None:
        self.logger = node.get_logger()
        self._changed = changed
        self._statuses: tuple[PromptStatus, ...] = ()
        self.fixed: set[str] = set()  # ids of those asked for here as fixed: no message says so
        node.create_subscription(PromptStatusArray, topic, self._on_statuses, LATCHED)

    @guarded
    def _on_statuses(self, message: PromptStatusArray) -> None:
        self._statuses = tuple(message.prompts)
        self._changed()

    def forget(self) -> None:
        """The node is gone, and with it what it kept."""
        self._statuses = ()

    def cameras(self) -> set[str]:
        """Those of which something stands."""
        return {status.camera for status in self._statuses}

    def entries(self) -> list[dict[str, Any]]:
        """In the order in which they were asked: plain values for JSON."""
        return [self._entry(status) for status in self._statuses]

    def _entry(self, status: PromptStatus) -> dict[str, Any]:
        first = status.prompts[0] if status.prompts else Prompt()
        box = first.box
        return {
            'id': status.id, 'camera': status.camera,
            'state': STATES[status.state] if status.state < len(STATES) else 'unknown',
            'message': status.message, 'text': first.text,
            'points': [[point.x, point.y] for point in first.points],
            'labels': [int(label) for label in first.labels] or [1] * len(first.points),
            'box': [box.x_offset, box.y_offset, box.x_offset + box.width,
                    box.y_offset + box.height] if box.width else None,
            'selection': SELECTIONS[first.selection], 'fixed': status.id in self.fixed}
