# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What waits to go to one browser.

A slow browser never makes anything wait: of frames only the newest is held, and the next one
goes out when the browser has said that it showed one of the last two. What goes beside frames
follows them, once each.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

IN_FLIGHT = 2  # frames on their way: one is shown while the next travels
MATCHES = 4  # results of prompts that wait; they belong to frames and get old as fast
ANSWERS = 256  # that wait for a browser that takes nothing; then it is given up
OWN = 4  # pictures that the person brought
RECENT = 4  # frames sent last: the one that the person looks at is among them
OVERTAKEN = 5.0  # seconds that a frame with all segments may lag behind those without; a bag loops


@dataclass(frozen=True)
class Packet:
    """
    Bytes for everyone who looks at a camera.

    :param kind: 'frame', 'tracked' (a frame with what stands alone), 'segments' (what the network
        found, for who gets such frames), 'prompted' or 'places'; or 'kept', which says that what
        stands has changed, and goes to no browser itself
    :param camera: its name
    :param stamp: of the frame, seconds and nanoseconds
    :param data: as `packets.pack` made it
    """

    kind: str
    camera: str
    stamp: tuple[int, int]
    data: bytes


class Client:
    """One browser; used in the event loop's thread alone."""

    def __init__(self) -> None:
        self.camera: str | None = None  # that it looks at
        self.smooth = False  # every frame of it, with what stands alone
        self.lost = False  # it takes nothing any more
        self._answers: deque[bytes | str] = deque()
        self._matches: deque[Packet] = deque(maxlen=MATCHES)
        self._frame: Packet | None = None
        self._places: Packet | None = None  # the newest, whatever the frame
        self._beside: Packet | None = None  # segments of the newest result, likewise
        self._lacks_beside = False  # none went out since the last frame
        self._recent: deque[Packet] = deque(maxlen=RECENT)
        self._own: deque[Packet] = deque(maxlen=OWN)
        self._in_flight = 0
        self._changed = asyncio.Event()

    def look(self, camera: str | None, smooth: bool = False) -> None:
        """Another camera, or none; a frame of the last one that waits is forgotten."""
        self.camera, self.smooth = camera, smooth
        self._frame = self._places = self._beside = None
        self._in_flight, self._lacks_beside = 0, True
        self._changed.set()

    def tell(self, words: bytes | str) -> None:
        """Something that must arrive, in this order."""
        self.lost = self.lost or len(self._answers) >= ANSWERS
        self._answers.append(words)
        self._changed.set()

    def offer(self, packet: Packet) -> None:
        """Something that a newer one replaces."""
        looks = packet.camera == self.camera
        if packet.kind in ('frame', 'tracked'):
            if looks and self._takes(packet):
                self._frame = packet
        elif looks and packet.kind == 'places':
            self._places = packet
        elif looks and packet.kind == 'segments' and self.smooth:
            self._beside = packet
        elif packet.kind == 'prompted' and (looks or self.recent(packet.camera, packet.stamp)):
            self._matches.append(packet)  # also of the frame that is on the screen of who paused
        self._changed.set()

    def _takes(self, packet: Packet) -> bool:
        """Whether a frame is of the kind that is wanted; the other one serves while none is."""
        if self.smooth == (packet.kind == 'tracked'):
            return True
        last = self._frame or (self._recent[-1] if self._recent else None)
        return self.smooth and not (
            last and last.camera == packet.camera
            and 0 <= _seconds(last.stamp) - _seconds(packet.stamp) < OVERTAKEN)

    def shown(self) -> None:
        """The browser has shown a frame."""
        self._in_flight = max(self._in_flight - 1, 0)
        self._changed.set()

    def recent(self, camera: str, stamp: tuple[int, int]) -> Packet | None:
        """The camera's frame of that stamp, when it is one of the last that were sent."""
        wanted = camera, stamp
        return next((p for p in self._recent if (p.camera, p.stamp) == wanted), None)

    def bring(self, packet: Packet) -> None:
        """A picture that the person brought, to ask about."""
        self._own.append(packet)

    def own(self, stamp: tuple[int, int]) -> Packet | None:
        """The picture of that stamp that the person brought."""
        return next((packet for packet in self._own if packet.stamp == stamp), None)

    async def next(self) -> bytes | str | None:
        """What goes out next, as soon as there is something; None when the browser is lost."""
        while not self.lost:
            ready = self._take()
            if ready is not None:
                return ready
            self._changed.clear()
            await self._changed.wait()
        return None

    def _take(self) -> bytes | str | None:
        if self._answers:
            return self._answers.popleft()
        if self._matches:
            return self._matches.popleft().data
        if self._places:
            packet, self._places = self._places, None
            return packet.data
        if self._beside and self._lacks_beside:
            packet, self._beside, self._lacks_beside = self._beside, None, False
            return packet.data
        if self._frame is None or self._in_flight >= IN_FLIGHT:
            return None
        packet, self._frame = self._frame, None
        self._in_flight += 1
        self._lacks_beside = True
        self._recent.append(packet)
        return packet.data


def _seconds(stamp: tuple[int, int]) -> float:
    return stamp[0] + stamp[1] / 1e9
