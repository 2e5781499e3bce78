# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What one browser says, and what it is told.

    watch   {camera: name or null, smooth}              look at a camera, or at nothing; smooth:
                                                        every frame, with what is kept alone
    shown   {}                                          a frame is on the screen: send the next
    ask     {request, camera, stamp, prompt, keep, fixed, parts}  is answered by `answer` of that
                                                        request; parts: boxes of the same thing
    teach   {request, word, camera, stamp, prompt, counter}     what answers is an example
    forget  {request, ids}                              end kept prompts; is answered likewise

Told: `state` as it changes, packets of the camera (see `packets.py`), answers, and `error` for
what could not be understood.
"""

from __future__ import annotations

import asyncio
import json
import logging
import struct
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from fastsam_ros.core.errors import FastSamError
from fastsam_ros.web.session.clients import Client
from fastsam_ros.web.session.hub import Hub, Reply
from fastsam_ros.web.session.packets import pack
from fastsam_ros.web.session.questions import Lesson, Question

LOG = logging.getLogger(__name__)
NUMBER = struct.Struct('<I')
AT_ONCE = 8  # questions of one browser that may be open


class Session:
    """
    A conversation with one browser.

    :param socket: accepted already
    :param hub: the way to everything else
    """

    def __init__(self, socket: WebSocket, hub: Hub) -> None:
        self._socket = socket
        self._hub = hub
        self._client: Client = hub.join()
        self._open: set[asyncio.Task] = set()

    async def run(self) -> None:
        """
        Listen and tell until the browser is gone.

        What was asked has reached the node by then, so its answer is waited for all the same: it
        says what is kept.
        """
        both = [asyncio.create_task(self._listen()), asyncio.create_task(self._tell())]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._client)
            for task in both:
                task.cancel()
            await asyncio.gather(*both, *self._open, return_exceptions=True)

    async def _tell(self) -> None:
        while (words := await self._client.next()) is not None:
            try:
                if isinstance(words, str):
                    await self._socket.send_text(words)
                else:
                    await self._socket.send_bytes(words)
            except (WebSocketDisconnect, RuntimeError):
                return  # gone in the middle of it
        await self._socket.close(1013, 'too slow')

    async def _listen(self) -> None:
        while True:
            try:
                message = await self._socket.receive()
            except RuntimeError:
                return  # gone
            if message['type'] != 'websocket.receive':
                return
            try:
                if message.get('bytes') is not None:
                    self._take(message['bytes'])
                else:
                    self._heed(message['text'])
            except FastSamError as error:
                self._say(type='error', message=str(error))

    def _take(self, data: bytes) -> None:
        """A picture: four bytes, little-endian, say which request it is."""
        if len(data) <= NUMBER.size:
            raise FastSamError('binary messages are a number of four bytes and a picture')
        (number,) = NUMBER.unpack_from(data)
        self._start({'type': 'picture', 'request': number, 'picture': data[NUMBER.size :]})

    def _heed(self, text: str) -> None:
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FastSamError(f'messages are JSON; this one is not: {error}') from error
        kind = message.get('type') if isinstance(message, dict) else None
        known = {
            'watch': self._watch, 'shown': lambda _: self._client.shown(),
            'ask': self._start, 'forget': self._start, 'teach': self._start,
        }
        if kind not in known:
            raise FastSamError(f'unknown type {kind!r}: it is one of {", ".join(known)}')
        known[kind](message)

    def _watch(self, message: dict[str, Any]) -> None:
        camera = message.get('camera')
        if camera is not None and not isinstance(camera, str):
            raise FastSamError(f'camera is a name or null, not {camera!r}')
        self._hub.look(self._client, camera, message.get('smooth') is True)

    def _start(self, message: dict[str, Any]) -> None:
        """Answer later, and hear what else the browser has to say."""
        if len(self._open) >= AT_ONCE:
            self._answer(message, Reply(
                False, f'{AT_ONCE} questions are still being answered: wait for one of them'))
            return
        task = asyncio.create_task(self._reply(message))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _reply(self, message: dict[str, Any]) -> None:
        try:
            if message['type'] == 'ask':
                reply = await self._hub.ask(self._client, Question.parse(message))
            elif message['type'] == 'teach':
                reply = await self._hub.teach(self._client, Lesson.parse(message))
            elif message['type'] == 'picture':
                reply = await self._hub.bring(self._client, message['picture'])
            else:
                reply = await self._hub.forget(_ids(message))
        except FastSamError as error:
            reply = Reply(False, str(error))
        except Exception as error:  # the browser waits for an answer, whatever happens
            LOG.exception('a question could not be answered')
            reply = Reply(False, f'internal error: {error!r}')
        self._answer(message, reply)

    def _answer(self, message: dict[str, Any], reply: Reply) -> None:
        words = {
            'request': message.get('request'), 'success': reply.success,
            'message': reply.message, 'error': reply.error}
        if reply.packet is None:
            self._say(type='answer', **words)
            return
        header, counts = reply.packet
        self._client.tell(pack({'kind': 'answer', **words, **header}, counts))

    def _say(self, **words: Any) -> None:
        self._client.tell(json.dumps(words))


def _ids(message: dict[str, Any]) -> list[str]:
    ids = message.get('ids')
    if not isinstance(ids, list) or not ids or not all(isinstance(name, str) for name in ids):
        raise FastSamError(f'ids is a list of names, not {ids!r}')
    return ids
