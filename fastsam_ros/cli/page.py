# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam page`, as it is typed."""

from __future__ import annotations

from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import BackendError
from fastsam_ros.web.command import Host, Port, Token

EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam page` (photographs of scikit-image)\n'
    '- `fastsam page photos/`\n'
    '- `fastsam page clip.mp4`\n'
    '- `fastsam page 0` (a webcam)\n'
    '- `fastsam page rtsp://192.168.1.20/live` (a camera on the network)\n'
    '- `fastsam page photos/ --host 0.0.0.0` (for a phone: a token and a QR code)\n'
)


def page(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar='[SOURCE]...',
            help='Pictures, folders of them, videos, the number of a webcam such as 0, or the '
            'address of a camera: RTSP, or JPEGs over HTTP. '
            'Usual: photographs of scikit-image.',
        ),
    ] = None,
    host: Host = '127.0.0.1',
    port: Port = 8080,
    token: Token = '',
    model: options.Model = '',
    device: options.Device = 'auto',
    confidence: options.Confidence = 0.4,
    text_model: Annotated[
        str, typer.Option(metavar='NAME|FOLDER', help='Answers words that the model lacks.')
    ] = '',
    words: options.Words = '',
    trust: options.Trust = False,
) -> None:
    """
    Ask pictures, a video or a camera in a browser: click, drag a box, type; no ROS needed.

    Ctrl-C ends it.
    """
    try:
        from fastsam_ros.web.access.access import read_token
        from fastsam_ros.web.local.bridge import LocalBridge
        from fastsam_ros.web.server import serve
    except ModuleNotFoundError as error:
        if (error.name or '').startswith('fastsam_ros'):
            raise
        raise BackendError(
            f'the page needs {error.name}: pip install fastapi uvicorn websockets') from error
    from fastsam_ros.demo.views import photographs
    from fastsam_ros.web.local.shows import find_shows

    shows, shown = find_shows(sources or map(str, photographs())), read_token(token)
    network = options.load(
        model, trust, text_model, device=device, confidence=confidence, words=words)
    raise typer.Exit(serve(lambda: LocalBridge(network, shows), host, port, shown))
