# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a browser can ask the server for: the page's files, and one websocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from fastapi import FastAPI, WebSocket
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

from fastsam_ros.core.clicks import RULE
from fastsam_ros.drawing.style import describe
from fastsam_ros.web.access.access import Guard
from fastsam_ros.web.session.hub import Hub
from fastsam_ros.web.session.session import Session

STATIC = Path(__file__).parent / 'static'


def make_application(hub: Hub, token: str = '') -> FastAPI:
    """
    The page and its websocket.

    :param hub: the way to the node
    :param token: what visitors have to show; '' for none
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(hub.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    application = FastAPI(
        title='fastsam_ros', lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    application.add_middleware(Guard, token=token)

    @application.websocket('/ws')
    async def converse(socket: WebSocket) -> None:
        await socket.accept()
        await Session(socket, hub).run()

    @application.get('/look.json')
    def look() -> dict[str, object]:
        return describe()

    @application.get('/clicks.json')
    def clicks() -> FileResponse:
        return FileResponse(RULE)

    application.mount('/', StaticFiles(directory=STATIC, html=True), name='page')
    return application
