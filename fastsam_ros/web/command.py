# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The web page's command.

    ros2 run fastsam_ros web [--host HOST] [--port PORT] [--token TOKEN] [--node NAME]
    python -m fastsam_ros.web ...                  the same
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
import sys
from typing import Annotated

import typer

LAST_PORT = 65535
# What `fastsam page` takes too.
Host = Annotated[
    str, typer.Option(help="Address to listen on; any but this machine's own wants a token.")
]
Port = Annotated[int, typer.Option(min=0, max=LAST_PORT, help='0: any that is free.')]
Token = Annotated[
    str,
    typer.Option(
        envvar='FASTSAM_TOKEN',
        help='What visitors have to show, or @FILE that holds it; when not given none on '
        '127.0.0.1, else a new one that is printed.',
    ),
]

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


class Transport(str, Enum):
    """How pictures come from the cameras."""

    auto = 'auto'
    raw = 'raw'
    compressed = 'compressed'


@app.command()
def web(
    context: typer.Context,
    host: Host = '127.0.0.1',
    port: Port = 8080,
    token: Token = '',
    node: Annotated[str, typer.Option(help='Name of the FastSAM node.')] = 'fastsam',
    camera: Annotated[
        list[str] | None,
        typer.Option(help='Show this camera; may be repeated. Usual: all that the node has.'),
    ] = None,
    image_transport: Annotated[
        Transport, typer.Option(help='How pictures come; auto: as to the node.')
    ] = Transport.auto,
) -> None:
    """Show the FastSAM node in a browser: live segments, and prompts by click, box and text."""
    try:
        from fastsam_ros.web.access.access import read_token
        from fastsam_ros.web.ros.serve import serve_node
    except ModuleNotFoundError as error:
        if error.name.startswith('fastsam_ros'):
            raise
        print(
            f'error: the web page needs {error.name}: apt install python3-{error.name}, or '
            f'pip install {error.name}', file=sys.stderr)
        raise typer.Exit(1) from error
    shown = read_token(token)
    raise typer.Exit(serve_node(
        host, port, shown, node, camera or [], image_transport.value, context.obj or ()))


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command; ROS reads what follows `--ros-args`.

    :param arguments: as after the command's name; None for those of the process
    :raises SystemExit: with the exit status
    """
    from rclpy.utilities import remove_ros_args

    words = list(sys.argv if arguments is None else ['web', *arguments])
    app(remove_ros_args(words)[1:], prog_name='web', obj=words)
