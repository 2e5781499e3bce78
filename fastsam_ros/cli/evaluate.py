# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam evaluate`, as it is typed."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
import importlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.table import Table
import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import OutputError

if TYPE_CHECKING:
    from fastsam_ros.evaluate.result import Evaluation
    from fastsam_ros.fastsam import FastSam

EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam evaluate coco-val/`\n'
    '- `fastsam evaluate val2017/ --annotations lvis_v1_val.json --max-segments 1000`\n'
    '- `fastsam evaluate val2017/ --annotations instances_val2017.json --task boxes '
    '--boxes vitdet.json --model FastSAM-x.pt --image-size 1024`\n'
    '- `fastsam evaluate BSDS500/data --task edges`\n'
)


class Task(str, Enum):
    """What can be measured; each is a module of `fastsam_ros.evaluate`."""

    proposals = 'proposals'
    boxes = 'boxes'
    points = 'points'
    edges = 'edges'
    follow = 'follow'
    words = 'words'
    names = 'names'


# Confidence and suppression where nobody says otherwise: all that is found at all for proposals,
# and for prompts what there is to choose from.
THRESHOLDS = {
    Task.proposals: (0.01, 0.7), Task.boxes: (0.01, 0.9), Task.points: (0.1, 0.9),
    Task.edges: (0.1, 0.9), Task.follow: (0.4, 0.9),
    Task.words: (0.4, 0.9), Task.names: (0.1, 0.9)}
IMAGE_SIZE, MAX_SEGMENTS = 640, 300  # usual
HEARD_BY = {  # the other tasks leave these unheard
    '--annotations': (Task.proposals, Task.boxes, Task.points, Task.names),
    '--boxes': (Task.boxes,), '--labels': (Task.proposals,), '--every': (Task.follow,),
    '--late': (Task.follow,), '--examples': (Task.words,)}


def evaluate(
    data: Annotated[
        Path,
        typer.Argument(
            metavar='DATA',
            help='Folder with images/ and instances.json (COCO), with images/ and regions/ '
            '(partitions), or BSDS500/data.',
            exists=True, file_okay=False,
        ),
    ],
    task: Annotated[
        Task,
        typer.Option(
            help='**proposals**: how much of what people marked is found. **boxes**: masks of '
            'given boxes. **points**: the answer to one click. **edges**: ODS and OIS. '
            '**follow**: a thing through a video; DATA holds folders with images/ and masks/. '
            '**words**: a word taught by one segment, likewise. **names**: those that the network '
            'knows, and how their scores should be lifted.',
        ),
    ] = Task.proposals,
    annotations: Annotated[
        Path | None,
        typer.Option(
            metavar='JSON', help="COCO's or LVIS's instances; DATA is the pictures' folder then.",
            exists=True, dir_okay=False,
        ),
    ] = None,
    boxes: Annotated[
        Path | None,
        typer.Option(
            metavar='JSON', help="For boxes: a detector's results in COCO's format.",
            exists=True, dir_okay=False,
        ),
    ] = None,
    labels: Annotated[
        str,
        typer.Option(
            metavar='DIR', help='For proposals: what `fastsam label` wrote, instead of the model.'
        ),
    ] = '',
    every: Annotated[
        int, typer.Option(help='For follow: the network runs on every N-th frame.', min=1)
    ] = 1,
    late: Annotated[
        int, typer.Option(help='For follow: its results are N frames late.', min=0)
    ] = 0,
    examples: Annotated[
        int, typer.Option(help='For words: frames that teach the word.', min=1)
    ] = 1,
    limit: Annotated[
        int | None, typer.Option(help='The first N pictures alone, to try it.', min=1)
    ] = None,
    model: options.Model = '',
    device: options.Device = 'auto',
    precision: options.Precision = 'fp32',
    image_size: options.ImageSize = IMAGE_SIZE,
    confidence: Annotated[
        float | None,
        typer.Option(help="0 to 1; else the task's.", rich_help_panel=options.NETWORK),
    ] = None,
    iou: Annotated[
        float | None,
        typer.Option(
            help="Of the suppression, 0 to 1; else the task's.", rich_help_panel=options.NETWORK),
    ] = None,
    max_segments: options.MaxSegments = MAX_SEGMENTS,
    trust: options.Trust = False,
    output: Annotated[
        Path | None, typer.Option(
            '--output', '-o', metavar='FILE', help='JSON, for programs.', dir_okay=False)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """
    Measure how good a model is on labelled pictures.

    The figures come with the protocol that they were measured by. Needs the extra
    `pip install "fastsam_ros[evaluate]"`.
    """
    _refuse(task, {
        '--annotations': annotations, '--boxes': boxes, '--labels': labels, '--every': every > 1,
        '--late': late, '--examples': examples > 1})
    if labels:
        options.refuse({
            '--model': model, '--device': device != 'auto', '--precision': precision != 'fp32',
            '--image-size': image_size != IMAGE_SIZE, '--confidence': confidence is not None,
            '--iou': iou is not None, '--max-segments': max_segments != MAX_SEGMENTS,
            '--trust': trust}, 'with --labels, which a network made before')
    _check_output(output)
    if labels:
        from fastsam_ros.evaluate.proposals import evaluate_labels

        found = evaluate_labels(labels, data, annotations, limit)
        _report(found, {**found.to_json(), 'labels': labels}, output, as_json)
        return
    low, overlap = THRESHOLDS[task]
    settings = {
        'device': device, 'precision': precision, 'image_size': image_size,
        'confidence': low if confidence is None else confidence,
        'iou': overlap if iou is None else iou, 'max_segments': max_segments}
    if task == Task.follow:
        from fastsam_ros.following.tracker import CANDIDATES

        settings['candidates'] = CANDIDATES
    network = options.load(model, trust, **settings)
    measure = importlib.import_module(f'fastsam_ros.evaluate.{task.value}').evaluate
    extra = {'boxes': boxes} if boxes else {}
    if task == Task.follow:
        extra = {'every': every, 'late': late}
    if task == Task.words:
        extra = {'examples': examples}
    found = measure(network, data, annotations, limit, **extra)
    document = {**found.to_json(), 'model': _describe(network, settings)}
    _report(found, document, output, as_json)


def _refuse(task: Task, given: Mapping[str, object]) -> None:
    """Say which options mean nothing for a task, rather than leave them unheard."""
    for option, value in given.items():
        if value and task not in HEARD_BY[option]:
            tasks = ', '.join(one.value for one in HEARD_BY[option])
            raise typer.BadParameter(f'{option} means something with --task {tasks} alone')


def _check_output(output: Path | None) -> None:
    from fastsam_ros.evaluate.result import check_output

    if output is None:
        return
    try:
        check_output(output)
    except OutputError as error:
        raise typer.BadParameter(str(error)) from error


def _report(found: Evaluation, document: dict, output: Path | None, as_json: bool) -> None:
    """Print first: what cannot be written then is not lost."""
    from fastsam_ros.evaluate.result import write

    if as_json:
        print(json.dumps(document, indent=2))
    else:
        _print(found, document)
    if output:
        write(output, document)


def _describe(network: FastSam, settings: dict) -> dict:
    from fastsam_ros.models import sha256

    used = {
        'device': network.device, 'precision': network.precision,
        'suppression': 'boxes and masks' if network.thresholds.compares_masks else 'boxes'}
    return {
        'file': network.path.name, 'sha256': sha256(network.path), 'runtime': network.runtime,
        **settings, **used}


def _print(found: Evaluation, document: dict) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    table.add_column(f'{found.task} on {found.data}')
    table.add_column(f'{found.pictures} pictures', justify='right')
    for name, value in document['figures'].items():
        table.add_row(name, _shown(value))
    console.print(table)
    about = document.get('model')
    console.print(
        f'\n{document["labels"]}' if about is None else
        f'\n{about["file"]}, {about["runtime"]} {about["precision"]}, {about["image_size"]} px, '
        f'confidence {about["confidence"]:g}, NMS {about["iou"]:g} of '
        f'{about["suppression"]}, at most {about["max_segments"]}', highlight=False)
    for line in found.protocol:
        console.print(f'- {line}', highlight=False)


def _shown(value: float | None) -> str:
    if value is None:
        return 'nothing to measure'
    return f'{value:.1f}' if value > 1 else f'{value:.3f}'
