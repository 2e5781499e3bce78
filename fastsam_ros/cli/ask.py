# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam ask`, as it is typed: a client of the node for people without ros2cli."""

from __future__ import annotations

from enum import Enum
import json
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import BackendError

if TYPE_CHECKING:
    from fastsam_ros.msg import Segmentation
    from fastsam_ros.srv import Prompt, Teach

STANDING = 'Prompts that stand'
NODE = 'The node'
EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam ask --point 320,240`\n'
    '- `fastsam ask --point 320,240 --background 300,180 --selection union`\n'
    '- `fastsam ask --box 100,80,300,230 --selection all`\n'
    '- `fastsam ask "the cup" --keep --id cup`\n'
    '- `fastsam ask --clear cup`\n'
    "- `fastsam ask --point 320,240 --teach 'my mug'`\n"
)


class Selection(str, Enum):
    """What comes back; the values stand in the order of the message's constants."""

    best = 'best'
    all = 'all'
    union = 'union'
    similar = 'similar'


Pixels = Annotated[list[str] | None, typer.Option(metavar='X,Y', help='What lies here.')]


def ask(
    text: Annotated[str, typer.Argument(help='What to look for, in words.')] = '',
    point: Pixels = None,
    background: Annotated[
        list[str] | None, typer.Option(metavar='X,Y', help='Not what lies here.')
    ] = None,
    box: Annotated[str, typer.Option(metavar='X0,Y0,X1,Y1', help='What fills this.')] = '',
    selection: Annotated[
        Selection,
        typer.Option(
            help='The best match, all, all joined to one mask, or what looks like the best.'
        ),
    ] = Selection.best,
    camera: Annotated[str, typer.Option(help='Which camera; usual: the first one.')] = '',
    keep: Annotated[
        bool, typer.Option('--keep', help='Go on with it.', rich_help_panel=STANDING)
    ] = False,
    fixed: Annotated[
        bool,
        typer.Option(
            '--fixed', help='With --keep: the same pixels, not the same thing.',
            rich_help_panel=STANDING,
        ),
    ] = False,
    id: Annotated[
        str, typer.Option(help='A name of your own for it.', rich_help_panel=STANDING)
    ] = '',
    clear: Annotated[
        list[str] | None,
        typer.Option(metavar='ID', help='End this one instead.', rich_help_panel=STANDING),
    ] = None,
    clear_all: Annotated[
        bool, typer.Option('--clear-all', help='End all of them.', rich_help_panel=STANDING)
    ] = False,
    teach: Annotated[
        str, typer.Option(metavar='WORD', help='What answers is an example of this word.')
    ] = '',
    counter: Annotated[
        bool, typer.Option('--counter', help='With --teach: it is none.')
    ] = False,
    node: Annotated[
        str, typer.Option(metavar='NAME', help='With its namespace.', rich_help_panel=NODE)
    ] = '/fastsam',
    wait: Annotated[
        float, typer.Option(help='For the node and its answer, s.', min=0, rich_help_panel=NODE)
    ] = 10.0,
    as_json: options.Json = False,
) -> None:
    """
    Ask the node that runs, as `ros2 service call` does.

    Pixels are those of the camera's newest image. Exit code 0: answered, be it with nothing; 1:
    the node says why not.
    """
    try:
        from fastsam_ros.ros.client import Client
    except ModuleNotFoundError as error:
        raise BackendError(
            f'asking a node needs ROS, and {error.name} is not found: `. scripts/env.sh` in a '
            'checkout, or source the setup.bash of your workspace') from error

    request = make_request(
        text, point or [], background or [], box, selection, camera, keep, fixed, id)
    with Client(node, wait) as client:
        if clear or clear_all:
            response = client.clear(clear or [])
            said = [f'ended {name}' for name in response.cleared]
        elif teach:
            response, said = client.teach(teach_request(teach, counter, request)), []
        else:
            response = client.prompt(request)
            said = [describe(segment) for segment in response.result.segmentations]
    if as_json:
        print(json.dumps(as_document(response), indent=2))
    else:
        _say(said, response)
    raise typer.Exit(0 if response.success else 1)


def make_request(
    text: str, points: list[str], background: list[str], box: str, selection: Selection,
    camera: str, keep: bool, fixed: bool, id: str,
) -> Prompt.Request:
    """Make the service's request of what was typed; nothing at all asks for everything."""
    from geometry_msgs.msg import Point
    from sensor_msgs.msg import RegionOfInterest

    from fastsam_ros.msg import Prompt as Question
    from fastsam_ros.srv import Prompt

    question = Question(
        id=id or f'ask-{token_hex(3)}', text=text, selection=list(Selection).index(selection),
        labels=[1] * len(points) + [0] * len(background),
        points=[Point(x=x, y=y) for x, y in map(options.point, [*points, *background])])
    if box:
        x0, y0, x1, y1 = (round(side) for side in options.box(box))
        if min(x0, y0) < 0 or x1 <= x0 or y1 <= y0:
            raise typer.BadParameter(f'{box!r} is not a box: x1 and y1 must be the larger ones')
        question.box = RegionOfInterest(
            x_offset=x0, y_offset=y0, width=x1 - x0, height=y1 - y0)
    return Prompt.Request(prompts=[question], camera=camera, keep=keep, fixed=fixed)


def teach_request(word: str, counter: bool, request: Prompt.Request) -> Teach.Request:
    """Turn a request to answer into one to learn from the answer."""
    from fastsam_ros.srv import Teach

    if request.keep or request.fixed:
        raise typer.BadParameter('--teach learns from one answer: leave --keep and --fixed out')
    return Teach.Request(
        word=word, counter=counter, camera=request.camera, prompts=request.prompts)


def describe(segment: Segmentation) -> str:
    """Say what one wants to know of a segment."""
    box = segment.box
    words = [
        f'{segment.label or segment.prompt_id}: segment {segment.id}, {segment.area} pixels',
        f'at {box.x_offset},{box.y_offset} {box.width}x{box.height}',
        f'score {segment.score:.2f}, match {segment.prompt_score:.2f}']
    return ', '.join(words)


def as_document(response: object) -> dict:
    """Make the document that programs read."""
    document = {name: getattr(response, name) for name in ('success', 'message', 'error')}
    if hasattr(response, 'cleared'):
        return {**document, 'cleared': list(response.cleared)}
    if hasattr(response, 'examples'):
        return {**document, 'examples': response.examples}
    names = ('id', 'prompt_id', 'score', 'prompt_score', 'label', 'label_score', 'area')
    sides = ('x_offset', 'y_offset', 'width', 'height')
    return {**document, 'ids': list(response.ids), 'segmentations': [
        {**{name: getattr(segment, name) for name in names},
         'box': [getattr(segment.box, side) for side in sides],
         'counts': segment.counts.tolist()}
        for segment in response.result.segmentations]}


def _say(lines: list[str], response: object) -> None:
    if lines:
        print('\n'.join(lines))
    elif response.success and not hasattr(response, 'examples'):
        print('nothing there')
    if response.message:
        typer.echo(response.message, err=not response.success)
    if response.success and getattr(response, 'ids', None):
        print(f'asked as {", ".join(response.ids)}')
