# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A node on the real ROS graph, in this process, and a client beside it; nothing sleeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Condition, Event

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState, GetState
import numpy as np
import rclpy
from rclpy.parameter import Parameter
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image, RegionOfInterest
from std_msgs.msg import Header

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import Segmentation
from fastsam_ros.ros.node import THREADS, FastSamNode
from fastsam_ros.ros.process import ends, executors_for, spin
from fastsam_ros.ros.topics.conversions import to_image
from fastsam_ros.srv import ClearPrompts, Prompt

# Seconds; what is waited for comes in milliseconds, but a machine may be busy, and the model that
# ships is compiled first.
PATIENCE = 120.0
NUMBERS = count(1)
# Matching the publisher would mean to subscribe anew at some moment of a test, and a busy machine
# may take long between an image and a question about it.
DEFAULTS = {'image_reliability': 'reliable', 'mode': 'everything', 'max_age': 0.0}
BEST_EFFORT = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)


class Mailbox:
    """Messages of one topic, as they come."""

    def __init__(self) -> None:
        self.messages: list = []
        self._changed = Condition()

    def put(self, message: object) -> None:
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()

    def wait(self, wanted: Callable[[object], bool] = lambda message: True) -> object:
        """Return the first message that is wanted."""
        def find():
            return next((m for m in self.messages if wanted(m)), None)

        with self._changed:
            assert self._changed.wait_for(lambda: find() is not None, PATIENCE), (
                f'none of {len(self.messages)} messages was the one')
            return find()

    def at(self, stamp: tuple[int, int]) -> object:
        """Return the message of a stamp."""
        return self.wait(lambda m: (m.header.stamp.sec, m.header.stamp.nanosec) == stamp)


class Spinner:
    """A node's executors, each in a thread, as in the node's own process."""

    def __init__(self, node, threads: int) -> None:
        self._executors, self._over = executors_for(node, threads), Event()
        self._pool = ThreadPoolExecutor(len(self._executors))
        self._spinning = [
            self._pool.submit(spin, executor, self._over) for executor in self._executors]

    def close(self) -> None:
        self._over.set()
        for pair in zip(self._executors, self._spinning):
            ends(*pair, patience=None)
        self._pool.shutdown()
        for spinning in self._spinning:
            spinning.result()


class Graph:
    """
    The node under test in a namespace of its own, and a client.

    :param arguments: of its command line
    :param parameters: of the node
    """

    def __init__(self, arguments: Sequence[str] = (), **parameters: object) -> None:
        self.namespace = f'/test{next(NUMBERS)}'
        parameters = {**DEFAULTS, **parameters}
        overrides = [Parameter(name, value=value) for name, value in parameters.items()]
        self.node = FastSamNode(
            namespace=self.namespace, parameter_overrides=overrides, cli_args=[*arguments])
        self.client = rclpy.create_node('client', namespace=self.namespace)
        self._spinners = [
            Spinner(self.node, threads=THREADS), Spinner(self.client, threads=2)]
        self.publishers: dict = {}
        self._stamps = count(1)

    def close(self) -> None:
        for spinner in self._spinners:
            spinner.close()
        self.node.close()
        self.client.destroy_node()

    def mailbox(self, kind: type, topic: str, qos: QoSProfile | int = 10) -> Mailbox:
        """Subscribe; the subscription is matched when this returns."""
        mailbox, name = Mailbox(), self.client.resolve_topic_name(topic)
        matched = {p: p.get_subscription_count() for p in self.node.publishers
                   if p.topic_name == name}
        self.client.create_subscription(kind, topic, mailbox.put, qos)
        wait_until(lambda: self.client.count_publishers(topic) > 0)
        for publisher, before in matched.items():
            wait_until(lambda p=publisher, n=before: p.get_subscription_count() > n)
        return mailbox

    def publisher(self, kind: type = Image, topic: str = 'image', qos: QoSProfile | int = 1):
        """Return a publisher that the node listens to."""
        if topic not in self.publishers:
            publisher = self.client.create_publisher(kind, topic, qos)
            wait_until(lambda: publisher.get_subscription_count() > 0)
            self.publishers[topic] = publisher
        return self.publishers[topic]

    def publish(self, pixels: np.ndarray, encoding: str = 'rgb8', topic: str = 'image',
                stamp: tuple[int, int] | None = None) -> tuple[int, int]:
        """Publish a picture and return its stamp: the given one or the next second."""
        stamp = stamp or (next(self._stamps), 7)
        self.publisher(topic=topic).publish(to_image(header(stamp), pixels, encoding))
        return stamp

    def call(self, kind: type, name: str, request: object) -> object:
        """Call a service and return its answer."""
        client = self.client.create_client(kind, name)
        try:
            assert client.wait_for_service(PATIENCE)
            done = Event()
            future = client.call_async(request)
            future.add_done_callback(lambda _: done.set())
            assert done.wait(PATIENCE), f'{name} did not answer'
            return future.result()
        finally:
            self.client.destroy_client(client)

    def prompt(self, *prompts: PromptMessage, **fields: object) -> Prompt.Response:
        request = Prompt.Request(prompts=list(prompts), **fields)
        return self.call(Prompt, 'fastsam/prompt', request)

    def clear(self, *ids: str, camera: str = '') -> ClearPrompts.Response:
        request = ClearPrompts.Request(ids=ids, camera=camera)
        return self.call(ClearPrompts, 'fastsam/clear_prompts', request)

    def counters(self, camera: str = ''):
        return self.node.cameras[camera].counters


def wait_until(condition: Callable[[], object], patience: float = PATIENCE) -> None:
    """Wait for what no callback tells of, by looking."""
    tick = Event()
    for _ in range(int(patience / 0.01)):
        if condition():
            return
        tick.wait(0.01)
    raise AssertionError('it did not come about')


def change(graph: Graph, transition: int) -> bool:
    request = ChangeState.Request(transition=Transition(id=transition))
    return graph.call(ChangeState, 'fastsam/change_state', request).success


def state(graph: Graph) -> int:
    return graph.call(GetState, 'fastsam/get_state', GetState.Request()).current_state.id


def header(stamp: tuple[int, int], frame_id: str = 'camera_optical_frame') -> Header:
    return Header(stamp=Time(sec=stamp[0], nanosec=stamp[1]), frame_id=frame_id)


def point(*places: tuple[float, float], **fields: object) -> PromptMessage:
    return PromptMessage(points=[Point(x=float(x), y=float(y)) for x, y in places], **fields)


def box(x0: int, y0: int, x1: int, y1: int, **fields: object) -> PromptMessage:
    region = RegionOfInterest(x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0)
    return PromptMessage(box=region, **fields)


def corners(segmentation: Segmentation) -> tuple[int, int, int, int]:
    """Return its box as x0, y0, x1, y1, pixels."""
    box = segmentation.box
    return box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height


def decode(segmentation: Segmentation, height: int, width: int) -> np.ndarray:
    """Return the mask, (height, width) bool, as the message's comment says to."""
    box = segmentation.box
    flat = np.repeat(np.arange(len(segmentation.counts)) % 2 == 1, segmentation.counts)
    mask = np.zeros((height, width), bool)
    window = slice(box.y_offset, box.y_offset + box.height), slice(
        box.x_offset, box.x_offset + box.width)
    mask[window] = flat.reshape(box.height, box.width)
    return mask
