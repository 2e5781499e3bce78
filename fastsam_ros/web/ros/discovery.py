# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which cameras the node has, and where their pictures come from.

The node itself says: its parameters name the cameras and the transport, its diagnostics the topics
of their images, remapped or not, and the graph shows which image topics it subscribes to.
"""

from __future__ import annotations

from collections.abc import Sequence
import time

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import GetParameters
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.web.ros.asked import Asked
from fastsam_ros.web.ros.stream import Source

AGAIN = 5.0  # seconds; a node that was configured anew may have other cameras
NAMES = ['cameras', 'image_transport']
TYPES = {'sensor_msgs/msg/Image': Image, 'sensor_msgs/msg/CompressedImage': CompressedImage}


class Discovery:
    """
    What is known of the node's cameras; used in the executor's thread alone.

    :param node: the asking one
    :param target: name of the FastSAM node, relative to the namespace, or absolute
    :param cameras: names, when they shall not be asked for
    :param transport: 'raw', 'compressed' or 'auto': as the node
    """

    def __init__(
        self, node: Node, target: str, cameras: Sequence[str] = (), transport: str = 'auto'
    ) -> None:
        self._node = node
        self.target = target if target.startswith('/') else _join(node.get_namespace(), target)
        self._client = node.create_client(GetParameters, f'{self.target}/get_parameters')
        self._cameras, self._words = Asked(self._client, NAMES), Asked(self._client, ['names'])
        self._given = tuple(cameras), transport
        self._told: tuple[tuple[str, ...], str] | None = None
        self._asked_again = 0.0  # when the node is to be asked for its cameras, time.monotonic()
        self._theirs: tuple[str, ...] = ('',)  # the node's own cameras, whichever are shown
        self._topics: list[str] = []  # of these cameras' images, once the node has told
        node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._taught = False  # meanwhile, so that what was asked before is out of date
        self._stale = True  # the names that the model knows are not known, or have changed
        self.names: tuple[str, ...] = ()

    def ask_names_again(self) -> None:
        """A word was taught: ask for what the model knows at the next look; from any thread."""
        self._taught = True

    def update(self) -> bool:
        """Look again; whether the node is there and its cameras are known."""
        if not self._client.service_is_ready():
            self._forget()
            return False
        if self._told is None or time.monotonic() > self._asked_again:
            self._ask_cameras()
        if self._told is not None:
            self._ask_names()
        return self._told is not None

    def _forget(self) -> None:
        self._cameras.drop()
        self._words.drop()
        self._told, self._topics = None, []
        self.names, self._stale = (), True

    def sources(self) -> list[Source]:
        """The cameras; empty until the node has told them."""
        if self._told is None:
            return []
        cameras, transport = self._told
        subscribed = self._image_topics()
        return [
            self._source(camera, transport, subscribed, len(cameras) == 1) for camera in cameras]

    def _ask_cameras(self) -> None:
        answer = self._cameras.answer()
        if answer is not None:
            self._told, self._asked_again = self._read(answer), time.monotonic() + AGAIN

    def _ask_names(self) -> None:
        """By itself: a node whose model is still being loaded has no words yet."""
        if self._taught:
            self._taught, self._stale = False, True
            self._words.drop()
        answer = self._words.answer() if self._stale else None
        if answer is not None:
            self.names = tuple(answer.values[0].string_array_value) if answer.values else ()
            self._stale = not self.names

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        own = [s for s in message.status if s.name.startswith(f'{self.target}: ')]
        if own:
            self._topics = [
                pair.value for status in own for pair in status.values if pair.key == 'topic']

    def _read(self, response: GetParameters.Response) -> tuple[tuple[str, ...], str]:
        cameras, transport = self._given
        values = [*response.values]
        if len(values) == len(NAMES):
            self._theirs = tuple(values[0].string_array_value) or ('',)
            cameras = cameras or self._theirs
            transport = values[1].string_value if transport == 'auto' else transport
        return cameras or ('',), transport

    def _source(
        self, camera: str, transport: str, subscribed: dict[str, type], only: bool
    ) -> Source:
        kind = CompressedImage if transport == 'compressed' else Image
        suffix = '/compressed' if transport == 'compressed' else ''
        topic = self._node.resolve_topic_name(_join(camera, 'image') + suffix)
        if topic not in subscribed:  # remapped; with depth, other images are subscribed to too
            told = dict(zip(self._theirs, self._topics)).get(camera)
            if told in subscribed:
                topic, kind = told, subscribed[told]
            elif only and len(subscribed) == 1:
                (topic, kind), = subscribed.items()
        return Source(camera, topic, kind, _join(self.target, camera))

    def _image_topics(self) -> dict[str, type]:
        """Image topics that the FastSAM node subscribes to, and their types."""
        namespace, name = self.target.rsplit('/', 1)
        known = self._node.get_node_names_and_namespaces()
        if (name, namespace or '/') not in known:
            return {}
        topics = self._node.get_subscriber_names_and_types_by_node(name, namespace or '/')
        return {topic: TYPES[types[0]] for topic, types in topics if types[0] in TYPES}


def _join(left: str, right: str) -> str:
    return f'{left.rstrip("/")}/{right}' if left and right else left or right
