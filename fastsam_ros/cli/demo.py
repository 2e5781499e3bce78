# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam demo`, as it is typed."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from fastsam_ros.core.errors import BackendError


def demo(
    camera: Annotated[
        str,
        typer.Option(
            envvar='CAMERA',
            help='What the camera shows: the number of a webcam, a video, a folder of pictures. '
            'Usual: photographs of scikit-image.',
        ),
    ] = '',
    duration: Annotated[
        str, typer.Option(envvar='DURATION', help='Seconds until it ends by itself.')
    ] = 'inf',
    web: Annotated[bool, typer.Option(help='Serve the page, too.')] = True,
) -> None:
    """
    Run the node, a camera and the page, to see what it all does; Ctrl-C ends it.

    It needs ROS 2. Without, `fastsam page` shows the same page on pictures and webcams.
    """
    try:
        from fastsam_ros.demo.run import main
    except ModuleNotFoundError as error:
        if error.name in ('fastsam_ros', 'fastsam_ros.demo'):
            raise
        raise BackendError(
            f'the demo runs the real node, and {error.name} is missing: source a ROS 2 '
            'distribution, or run `make demo` in a clone; `fastsam page` needs no ROS') from error
    os.environ.update(CAMERA=camera, DURATION=duration, WEB='1' if web else '0')
    raise typer.Exit(main())
