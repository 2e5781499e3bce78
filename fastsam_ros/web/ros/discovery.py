# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Which cameras the node has, and where their pictures come from.

The node itself says: its parameters name the cameras and the transport, and the graph shows
which image topics it subscribes to, remapped or not.
"""

from __future__ import annotations

from collections.abc import Sequence

from rcl_interfaces.srv import GetParameters
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.web.ros.stream import Source

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
        self._future = None
        self._given = tuple(cameras), transport
        self._told: tuple[tuple[str, ...], str] | None = None
        self._words = None  # a request for what the model knows
        self._stale = True  # the names that the model knows are not known, or have changed
        self.names: tuple[str, ...] = ()

    def ask_names_again(self) -> None:
        """A word was taught: ask for what the model knows at the next look."""
        self._words, self._stale = None, True

    def update(self) -> bool:
        """Look again; whether the node is there and its cameras are known."""
        if not self._client.service_is_ready():
            self._future = self._told = self._words = None
            self.names, self._stale = (), True
        elif self._told is None:
            self._ask()
        elif self._stale:
            self._ask_names()
        return self._told is not None

    def sources(self) -> list[Source]:
        """The cameras; empty until the node has told them."""
        if self._told is None:
            return []
        cameras, transport = self._told
        subscribed = self._image_topics()
        return [
            self._source(camera, transport, subscribed, len(cameras) == 1) for camera in cameras]

    def _ask(self) -> None:
        future = self._future
        if future is None:
            self._future = self._client.call_async(GetParameters.Request(names=NAMES))
        elif future.done():
            self._future = None  # should the answer be an error, it is asked again
            self._told = self._read(future.result())

    def _ask_names(self) -> None:
        """By itself: a node whose model is still being loaded has no words yet."""
        if self._words is None:
            self._words = self._client.call_async(GetParameters.Request(names=['names']))
        elif self._words.done():
            values = self._words.result().values if self._words.exception() is None else ()
            self.names = tuple(values[0].string_array_value) if values else ()
            self._words, self._stale = None, not self.names

    def _read(self, response: GetParameters.Response) -> tuple[tuple[str, ...], str]:
        cameras, transport = self._given
        values = [*response.values]
        if len(values) == len(NAMES):
            cameras = cameras or tuple(values[0].string_array_value)
            transport = values[1].string_value if transport == 'auto' else transport
        return cameras or ('',), transport

    def _source(
        self, camera: str, transport: str, subscribed: dict[str, type], only: bool
    ) -> Source:
        kind = CompressedImage if transport == 'compressed' else Image
        suffix = '/compressed' if transport == 'compressed' else ''
        topic = self._node.resolve_topic_name(_join(camera, 'image') + suffix)
        if topic not in subscribed and only and len(subscribed) == 1:
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
