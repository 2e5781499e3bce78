# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam convert`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import OutputError, ParameterError

EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam convert labels/ --to coco --output instances.json`\n'
    '- `fastsam convert labels/ --to webdataset --output tars/`\n'
    '- `fastsam convert labels/ --to yolo --output yolo/`\n'
)


def convert(
    labels: Annotated[
        str, typer.Argument(metavar='DIR', help='What `fastsam label` wrote; a path or URL.')
    ],
    to: Annotated[
        str,
        typer.Option(
            metavar='FORMAT',
            help="**coco**: one JSON of instances. **webdataset**: tars of pictures and SA-1B's "
            'JSON. **yolo**: polygons in .txt files.',
            autocompletion=options.one_of('coco', 'webdataset', 'yolo'),
        ),
    ],
    output: Annotated[
        Path, typer.Option('--output', '-o', help='A new file for coco, else a new folder.')
    ],
    as_json: options.Json = False,
) -> None:
    """
    Write labels in the format of another program.

    For webdataset the pictures are read again where they were labelled.
    """
    from fastsam_ros.batch.label import convert as conversion
    from fastsam_ros.cli.progress import Progress

    try:
        with Progress() as progress:
            bar = progress.begin(to, None)
            count = conversion.convert(labels, to, output, lambda: progress.step(bar))
    except (ParameterError, OutputError) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        print(json.dumps({'output': str(output), 'pictures': count}, indent=2))
    else:
        print(f'{count} pictures: {output}')
