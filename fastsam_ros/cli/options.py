# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The options that several commands share, and what they are turned into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fastsam_ros.fastsam import FastSam

NETWORK = 'The network'
ASK = 'What to ask (nothing: every segment)'


def one_of(*names: str) -> Callable[[str], list[str]]:
    """Completion for an option that takes one of a few names."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def published(kind: str) -> Callable[[str], list[str]]:
    """Completion for an option that takes a published model; a shell completes paths by itself."""

    def complete(incomplete: str) -> list[str]:
        from fastsam_ros import models

        known = [name for name, model in models.PUBLISHED.items() if model.kind == kind]
        return [name for name in known if name.startswith(incomplete)]

    return complete


Model = Annotated[
    str,
    typer.Option(
        '--model',
        '-m',
        metavar='NAME|PATH',
        help='The model that ships when not given; else a published one (see **fastsam models**)'
        ' or a .pt, .safetensors, .onnx, .xml, .torchscript or .engine file.',
        rich_help_panel=NETWORK,
        autocompletion=published('segment'),
    ),
]
Device = Annotated[
    str,
    typer.Option(
        metavar='NAME',
        help='auto, cpu, cuda, cuda:N, or what the runtime calls it (GPU, NPU in OpenVINO).',
        rich_help_panel=NETWORK,
        autocompletion=one_of('auto', 'cpu', 'cuda', 'GPU', 'NPU'),
    ),
]
Precision = Annotated[
    str,
    typer.Option(
        metavar='NAME',
        help='auto, fp32, fp16, bf16 or int8, where runtime and file offer it.',
        rich_help_panel=NETWORK,
        autocompletion=one_of('auto', 'fp32', 'fp16', 'bf16', 'int8'),
    ),
]
ImageSize = Annotated[
    int,
    typer.Option(
        help="Longer side of the network's input, pixels, a multiple of 32. Larger finds smaller "
        'things, and takes longer.',
        rich_help_panel=NETWORK,
    ),
]
Confidence = Annotated[
    float,
    typer.Option(
        help='Segments that the network is less sure of are dropped, 0 to 1.',
        rich_help_panel=NETWORK,
    ),
]
Iou = Annotated[
    float,
    typer.Option(
        help='Of two boxes that overlap more than this, one is dropped, 0 to 1.',
        rich_help_panel=NETWORK,
    ),
]
MaxSegments = Annotated[
    int, typer.Option(help='At most so many segments a picture.', rich_help_panel=NETWORK)
]
Trust = Annotated[
    bool,
    typer.Option(
        '--trust',
        help='Load a .pt although its SHA-256 is not that of a published checkpoint. A .pt can '
        'run any code: say so only of a file whose origin you know.',
        rich_help_panel=NETWORK,
    ),
]
Points = Annotated[
    list[str] | None,
    typer.Option('--point', metavar='X,Y', help='What lies here.', rich_help_panel=ASK),
]
Background = Annotated[
    list[str] | None,
    typer.Option('--background', metavar='X,Y', help='Not what lies here.', rich_help_panel=ASK),
]
Boxes = Annotated[
    list[str] | None,
    typer.Option('--box', metavar='X0,Y0,X1,Y1', help='What fills this.', rich_help_panel=ASK),
]
Texts = Annotated[
    list[str] | None,
    typer.Option(
        '--text',
        help='What this describes: names, taught words, or, with --text-model, anything.',
        rich_help_panel=ASK,
    ),
]
Choice = Annotated[
    str,
    typer.Option(
        '--selection',
        metavar='NAME',
        help='**best**: the best match. **all**: every match. **union**: all matches as '
        'one mask, without what background points hit.',
        rich_help_panel=ASK,
        autocompletion=one_of('best', 'all', 'union'),
    ),
]
Separate = Annotated[
    bool,
    typer.Option(
        '--separate',
        help='Answer each point, box and text by itself; else a segment must satisfy all.',
        rich_help_panel=ASK,
    ),
]
Id = Annotated[
    str,
    typer.Option(
        metavar='NAME',
        help='A name for it. In videos and bags all points and boxes are parts of one thing then.',
        rich_help_panel=ASK,
    ),
]
Fixed = Annotated[
    bool,
    typer.Option(
        '--fixed',
        help='In videos and bags: ask about the same pixels on every frame; else the thing that '
        'answers first is followed.',
        rich_help_panel=ASK,
    ),
]
TextModel = Annotated[
    str,
    typer.Option(
        metavar='NAME|PATH',
        help='For --text; see **fastsam models**.',
        rich_help_panel=ASK,
        autocompletion=published('text'),
    ),
]
TextThreshold = Annotated[
    float,
    typer.Option(help='What matches a text worse is left out, 0 to 1.', rich_help_panel=ASK),
]
Words = Annotated[
    str,
    typer.Option(
        metavar='FILE', help="Of taught words; usual: the user's own (**fastsam words**).",
    ),
]
Json = Annotated[
    bool, typer.Option('--json', help='Print one JSON document to standard output, for programs.')
]


def refuse(given: Mapping[str, object], where: str) -> None:
    """
    Say which options mean nothing, rather than leave them unheard.

    :param given: options, and whether each was given
    :param where: they mean nothing, such as 'with --show'
    :raises typer.BadParameter: when one was given
    """
    names = ', '.join(name for name, value in given.items() if value)
    if names:
        raise typer.BadParameter(f'{names} cannot be given {where}: leave it out')


def pixels(text: str) -> tuple[float, ...]:
    """
    Numbers between commas, as `--point 320,240` has them.

    :raises typer.BadParameter: when it is anything else
    """
    try:
        return tuple(float(part) for part in text.split(','))
    except ValueError as error:
        raise typer.BadParameter(f'{text!r} is not a list of numbers such as 320,240') from error


def point(text: str) -> tuple[float, ...]:
    """
    A point, x,y.

    :raises typer.BadParameter: when it is anything else
    """
    numbers = pixels(text)
    if len(numbers) != 2:
        raise typer.BadParameter(f'{text!r} is not a point: give x,y in pixels, such as 320,240')
    return numbers


def box(text: str) -> tuple[float, ...]:
    """
    A box, x0,y0,x1,y1.

    :raises typer.BadParameter: when it is anything else
    """
    numbers = pixels(text)
    if len(numbers) != 4:
        raise typer.BadParameter(
            f'{text!r} is not a box: give x0,y0,x1,y1 in pixels, its upper left and lower right '
            'corners, such as 10,20,200,220'
        )
    return numbers


def load(
    model: str, trust: bool, text_model: str = '', text_threshold: float = 0.5, **settings: object
) -> FastSam:
    """
    The network that the options ask for.

    :param model: as `--model`
    :param trust: as `--trust`
    :param text_model: as `--text-model`; '' for none
    :param text_threshold: as `--text-threshold`
    :param settings: further arguments of `FastSam`
    :raises FastSamError: when it cannot be had
    """
    from fastsam_ros.batch.network import load_network

    return load_network(model, trust, text_model, text_threshold, **settings)
