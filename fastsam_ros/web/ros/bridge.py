# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The ROS side: an ordinary client of the node, with a thread of its own.

It is subscribed to a camera only while somebody looks at it, and for a few seconds after, so
that a pause does not cost a new start.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence, Set
from threading import Event, Thread
import time
from typing import Any

from geometry_msgs.msg import Point
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import RegionOfInterest

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.callback_errors import guarded
from fastsam_ros.ros.process import spin
from fastsam_ros.srv import ClearPrompts, Teach
from fastsam_ros.srv import Prompt as PromptService
from fastsam_ros.web.ros import pictures
from fastsam_ros.web.ros.discovery import Discovery
from fastsam_ros.web.ros.encoder import Encoder
from fastsam_ros.web.ros.standing import Standing
from fastsam_ros.web.ros.stream import Source, Stream
from fastsam_ros.web.session import packets
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.hub import Reply, Shown
from fastsam_ros.web.session.questions import Lesson, Question

PATIENCE = 30.0  # seconds; a text model on a small processor takes its time
LINGER = 5.0  # seconds that a subscription outlives its last viewer
TICK = 0.5  # seconds between two looks at the graph


class RosBridge:
    """
    A client of the FastSAM node.

    :param target: the node's name, relative to the namespace, or absolute
    :param cameras: names, when the node shall not be asked for them
    :param transport: 'raw', 'compressed' or 'auto': as the node
    :param arguments: command line with --ros-args for the own node
    """

    def __init__(
        self, target: str = 'fastsam', cameras: Sequence[str] = (), transport: str = 'auto',
        arguments: Sequence[str] = (),
    ) -> None:
        self.deliver: Callable[[Packet], None] = lambda packet: None  # set by who listens
        self._node = Node('fastsam_web', cli_args=list(arguments))
        self.logger = self._node.get_logger()
        self._discovery = Discovery(self._node, target, cameras, transport)
        name = self._discovery.target
        self._prompt = self._node.create_client(PromptService, f'{name}/prompt')
        self._teach = self._node.create_client(Teach, f'{name}/teach')
        self._clear = self._node.create_client(ClearPrompts, f'{name}/clear_prompts')
        self._encoder = Encoder(self._failed)
        self._streams: dict[Source, Stream] = {}
        self._wanted: dict[str, float] = {}  # cameras, and until when
        self._whole: Set[str] = frozenset()  # cameras of which all segments are looked at
        self._smooth: Set[str] = frozenset()  # and those of which every frame is
        self._standing = Standing(
            self._node, f'{name}/standing_prompts',
            lambda: self.deliver(Packet('kept', '', (0, 0), b'')))
        self._state = {'node': False, 'name': name, 'message': _missing(name), 'cameras': []}
        self._node.create_timer(TICK, self._update)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self._node)
        self._over = Event()
        self._thread = Thread(
            target=spin, args=(self._executor, self._over, self.logger), name='web-ros',
            daemon=True)

    def start(self) -> None:
        """Begin to listen."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread and the node."""
        self._over.set()
        self._executor.shutdown()
        self._thread.join()
        self._encoder.stop()
        self._node.destroy_node()

    def watch(self, cameras: Set[str], smooth: Set[str] = frozenset()) -> None:
        """Receive these cameras' frames from now on, and no others."""
        if (cameras, smooth) != (self._whole, self._smooth):
            self._whole, self._smooth = frozenset(cameras), frozenset(smooth)
            self._executor.create_task(self._update)

    def state(self) -> dict[str, Any]:
        """Whether the node runs, its cameras, and what is kept: plain values for JSON."""
        return {**self._state, 'kept': self._standing.entries()}

    async def ask(self, question: Question, picture: Shown | None = None) -> Reply:
        """Ask a prompt; about a picture instead of the node's frame when one is given."""
        request = _request(question, picture)
        response, message = await self._call(self._prompt, request)
        if response is None or not response.success:
            message = response.message if response else message
            error = response.error if response else PromptService.Response.FAILED
            forgotten = error == PromptService.Response.NO_FRAME
            return Reply(False, message, forgotten=forgotten, error=error)
        if question.keep:
            keep = self._standing.fixed.add if question.fixed else self._standing.fixed.discard
            keep(question.prompt.id)
        result = response.result
        table, counts = packets.columns(result.segmentations)
        return Reply(True, response.message, ({
            'camera': question.camera, 'id': question.prompt.id, 'keep': question.keep,
            'stamp': [result.header.stamp.sec, result.header.stamp.nanosec],
            'width': result.width, 'height': result.height, 'segments': table}, counts))

    async def teach(self, lesson: Lesson, picture: Shown | None = None) -> Reply:
        """Teach a word; by a picture instead of the node's frame when one is given."""
        question = lesson.question
        request = Teach.Request(
            word=lesson.word, counter=lesson.counter, camera=question.camera,
            prompts=[_message(prompt) for prompt in question.prompts])
        _name_frame(request, question, picture)
        response, message = await self._call(self._teach, request)
        if response is None:
            return Reply(False, message, error=Teach.Response.FAILED)
        self._discovery.ask_names_again()
        return Reply(
            response.success, response.message, error=response.error,
            forgotten=response.error == Teach.Response.NO_FRAME)

    async def forget(self, ids: list[str]) -> Reply:
        """End kept prompts; those that somebody else had ended before count as well."""
        response, message = await self._call(self._clear, ClearPrompts.Request(ids=ids))
        return Reply(False, message) if response is None else Reply(True, response.message)

    async def _call(self, client: Any, request: Any) -> tuple[Any, str]:
        """A service's response, or None and why there is none."""
        if not client.service_is_ready():
            return None, self._state['message'] or f'the service {client.srv_name} is not there'
        loop = asyncio.get_running_loop()
        arrived = asyncio.Event()
        future = client.call_async(request)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(arrived.set))
        try:
            await asyncio.wait_for(arrived.wait(), PATIENCE)
        except asyncio.TimeoutError:
            client.remove_pending_request(future)
            return None, f'{client.srv_name} did not answer within {PATIENCE:g} s'
        if future.exception() is not None:
            return None, f'{client.srv_name} failed: {future.exception()}'
        return future.result(), ''

    @guarded
    def _update(self) -> None:
        """Look at the graph, and subscribe to what is looked at; in the executor's thread."""
        there = self._discovery.update()
        if not there:
            self._standing.forget()
        ready = there and self._prompt.service_is_ready()
        sources = self._discovery.sources()
        self._subscribe(sources)
        self._state = {
            'node': ready, 'name': self._discovery.target,
            'names': list(self._discovery.names),
            'message': self._message(there, ready), 'cameras': [
                {'name': source.camera, 'topic': source.image,
                 'publishers': self._node.count_publishers(source.image)}
                for source in sources]}

    def _subscribe(self, sources: list[Source]) -> None:
        now = time.monotonic()
        looks = self._whole | self._smooth
        self._wanted.update(dict.fromkeys(looks, now + LINGER))
        wanted = {s for s in sources if self._wanted.get(s.camera, 0) > now}
        for source in [*self._streams]:
            if source not in wanted:
                self._streams.pop(source).close()
        for source in wanted:
            if source not in self._streams and self._node.count_publishers(source.image):
                self._streams[source] = Stream(
                    self._node, source, self._encoder, lambda packet: self.deliver(packet))
        for source, stream in self._streams.items():
            stream.looked_at = source.camera in looks
            stream.whole, stream.smooth = (
                source.camera in cameras for cameras in (self._whole, self._smooth))
            stream.kept = source.camera in self._standing.cameras()
            stream.match()

    def _message(self, there: bool, ready: bool) -> str:
        name = self._discovery.target
        if not there:
            return _missing(name)
        return '' if ready else (
            f'{name} runs, but is not configured yet: it is loading its model, or waits for '
            'the lifecycle service')

    def _failed(self, error: Exception) -> None:
        self.logger.error(
            f'a frame could not be made ready for the page: {error!r}',
            throttle_duration_sec=5.0)


def _missing(name: str) -> str:
    return (
        f'the node {name} is not running; start it with: '
        'ros2 launch fastsam_ros fastsam.launch.py')


def _request(question: Question, picture: Shown | None) -> PromptService.Request:
    request = PromptService.Request(
        camera=question.camera, prompts=[_message(prompt) for prompt in question.prompts],
        keep=question.keep, fixed=question.keep and question.fixed)
    _name_frame(request, question, picture)
    return request


def _name_frame(request: Any, question: Question, picture: Shown | None) -> None:
    """Say what a request is about: the node's frame, or a picture that goes along."""
    if picture is None:
        request.stamp.sec, request.stamp.nanosec = question.stamp
    else:
        request.image = pictures.to_message(picture.data, question.stamp, picture.size)


def _message(prompt: Prompt) -> PromptMessage:
    message = PromptMessage(
        id=prompt.id, text=prompt.text, selection=int(prompt.selection),
        points=[Point(x=x, y=y) for x, y in prompt.points.tolist()],
        labels=prompt.labels.astype(int).tolist())
    if prompt.box is not None:
        x0, y0, x1, y1 = prompt.box.clip(0).tolist()
        message.box = RegionOfInterest(x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0)
    return message
