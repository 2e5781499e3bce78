# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam teach`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.cli.groups import USUAL, Network, grouped
from fastsam_ros.core.errors import ParameterError

EXAMPLES = (
    'Examples:\n\n'
    "- `fastsam teach 'my mug' photo.jpg --point 320,240`\n"
    "- `fastsam teach 'my mug' other.jpg --box 100,80,300,230`\n"
    "- `fastsam teach 'my mug' kitchen.jpg --point 90,60 --counter`\n"
    "- `fastsam segment drive.mp4 --text 'my mug'`\n"
)


@grouped
def teach(
    word: Annotated[str, typer.Argument(help="Such as 'my mug' or 'valve 7'.")],
    picture: Annotated[
        Path, typer.Argument(help='That shows it.', exists=True, dir_okay=False)
    ],
    points: options.Points = None,
    background: options.Background = None,
    boxes: options.Boxes = None,
    counter: Annotated[
        bool, typer.Option('--counter', help='What is pointed at is not it.')
    ] = False,
    network: Network = USUAL,
    as_json: options.Json = False,
) -> None:
    """
    Teach a word: what answers the points is an example of it, and so is what fills each box.

    From then on texts know the word, here, in the node and in the page. Several examples add up.
    """
    from fastsam_ros.core.prompts import Prompt
    from fastsam_ros.media.images import read_picture
    from fastsam_ros.text.words.store import in_words

    if not points and not boxes:
        raise ParameterError('point at it with --point X,Y, or give --box X0,Y0,X1,Y1 around it')
    shown = [options.point(text) for text in points or ()]
    hidden = [options.point(text) for text in background or ()]
    labels = [1] * len(shown) + [0] * len(hidden)
    prompts = [Prompt([*shown, *hidden], labels)] if shown else []
    prompts += [
        Prompt(hidden, [0] * len(hidden), options.box(text)) for text in boxes or ()]
    pixels = read_picture(picture)
    model = network.load()
    answers = model(pixels).answer(prompts)
    examples = model.teach(word, answers, counter)
    path = model.words.path
    if as_json:
        print(json.dumps({'word': word, 'examples': examples, 'file': str(path)}, indent=2))
    else:
        print(f'{in_words(word, examples)}, in {path}')
