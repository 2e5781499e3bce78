# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Between the node and the browsers: who looks at what, and what all of them are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Set
from dataclasses import dataclass, replace
from functools import partial
import json
from typing import Any, Protocol

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.web.session.clients import Client, Packet
from fastsam_ros.web.session.packets import unpack
from fastsam_ros.web.session.questions import Lesson, Question

OWN_STAMP = 999_999_999  # nanoseconds of the stamps of what people bring: no camera's in practice
TICK = 0.5  # seconds between two looks at the state of the node


@dataclass(frozen=True)
class Reply:
    """
    What the node said.

    :param success: whether it did what was asked
    :param message: why not, or empty
    :param packet: the answer's header and run lengths; None without success
    :param forgotten: it failed because the node keeps the frame no longer
    :param error: of srv/Prompt's `error`: why, for programs
    """

    success: bool
    message: str = ''
    packet: tuple[dict[str, Any], bytes] | None = None
    forgotten: bool = False
    error: int = 0


@dataclass(frozen=True)
class Shown:
    """
    A picture that a browser shows.

    :param data: JPEG or PNG
    :param size: width and height of the camera's picture, in whose pixels prompts are; None: its
        own
    """

    data: bytes
    size: tuple[int, int] | None = None

    @classmethod
    def of(cls, frame: Packet) -> Shown:
        """The picture of a frame that was sent."""
        header, _, picture = unpack(frame.data)
        known = 'width' in header
        return cls(bytes(picture), (header['width'], header['height']) if known else None)


class Bridge(Protocol):
    """The node as the hub sees it; `bridge.RosBridge`, or a test's own."""

    def watch(self, cameras: Set[str], smooth: Set[str] = frozenset()) -> None:
        """
        Receive these cameras' frames from now on, and no others.

        :param cameras: those whose frames are wanted with all segments
        :param smooth: those whose every frame is wanted, with what stands alone
        """

    def state(self) -> dict[str, Any]:
        """Whether the node runs, its cameras, and what is kept: plain values for JSON."""

    async def ask(self, question: Question, picture: Shown | None = None) -> Reply:
        """Ask a prompt; about a picture instead of the node's frame when one is given."""

    async def teach(self, lesson: Lesson, picture: Shown | None = None) -> Reply:
        """Teach a word; by a picture instead of the node's frame when one is given."""

    async def forget(self, ids: list[str]) -> Reply:
        """End kept prompts."""


class Hub:
    """
    All browsers; used in the event loop's thread alone, but for `deliver`.

    :param bridge: the way to the node
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self.clients: set[Client] = set()
        self._told = ''
        self._brought = 0  # pictures that people brought
        self._loop: asyncio.AbstractEventLoop | None = None

    async def run(self) -> None:
        """Keep the browsers informed until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self.update()
            await asyncio.sleep(TICK)

    def join(self) -> Client:
        """Another browser; it is told the state first."""
        client = Client()
        self.clients.add(client)
        self.update()
        client.tell(self._told)
        return client

    def leave(self, client: Client) -> None:
        """A browser is gone."""
        self.clients.discard(client)
        self._watch()

    def look(self, client: Client, camera: str | None, smooth: bool = False) -> None:
        """
        A browser looks at a camera, or at none.

        :param smooth: it wants every frame, with what stands alone
        """
        client.look(camera, smooth)
        self._watch()

    def update(self) -> None:
        """Tell all browsers the state when it has changed."""
        words = json.dumps({'type': 'state', **self._bridge.state()})
        if words == self._told:
            return
        self._told = words
        for client in self.clients:
            client.tell(words)

    def deliver(self, packet: Packet) -> None:
        """Something new of a camera; from any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, packet)

    async def ask(self, client: Client, question: Question) -> Reply:
        """
        Ask about the frame that the browser shows.

        The node keeps frames for a while only. So when it has forgotten this one and the picture
        is at hand, as for somebody who paused, it is asked about that picture.
        """
        own = client.own(question.stamp) is not None
        asked = replace(question, keep=question.keep and not own)
        reply = await _about(client, question, partial(self._bridge.ask, asked))
        if reply.success and question.keep:
            self.update()
        return reply

    async def teach(self, client: Client, lesson: Lesson) -> Reply:
        """Teach a word by the frame that the browser shows, found as in `ask`."""
        return await _about(client, lesson.question, partial(self._bridge.teach, lesson))

    async def bring(self, client: Client, picture: bytes) -> Reply:
        """
        Segment a picture that a person brought, and keep it to be asked about.

        :param picture: JPEG or PNG
        """
        self._brought += 1
        stamp = (self._brought, OWN_STAMP)
        everything = Question(client.camera or '', stamp, Prompt(selection='all'))
        reply = await self._bridge.ask(everything, Shown(picture))
        if reply.packet is None:
            return reply
        client.bring(Packet('frame', everything.camera, stamp, picture))
        header, counts = reply.packet
        return replace(reply, packet=({**header, 'stamp': stamp}, counts))

    async def forget(self, ids: Iterable[str]) -> Reply:
        """End kept prompts."""
        reply = await self._bridge.forget(list(ids))
        self.update()
        return reply

    def _spread(self, packet: Packet) -> None:
        if packet.kind == 'kept':
            self.update()
        for client in self.clients:
            client.offer(packet)

    def _watch(self) -> None:
        whole, smooth = (
            {client.camera for client in self.clients if client.smooth == wanted} - {None}
            for wanted in (False, True))
        self._bridge.watch(whole, smooth)


async def _about(
    client: Client, question: Question, ask: Callable[..., Awaitable[Reply]]
) -> Reply:
    """Ask about what a browser shows: a picture of its own, the node's frame, or what is left."""
    own = client.own(question.stamp)
    if own is not None:
        return await ask(Shown(own.data))
    reply = await ask()
    frame = client.recent(question.camera, question.stamp)
    if reply.forgotten and frame is not None:
        reply = await ask(Shown.of(frame))
    return reply
