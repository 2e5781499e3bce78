# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam export`, as it is typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import ParameterError

IMAGE_SIZE = 640  # of the longer side of the network's input, pixels
EXAMPLES = (
    'Examples:\n\n'
    '- `fastsam export --to onnx --output models/`\n'
    '- `fastsam export --model FastSAM-s.pt --to openvino --output models/`\n'
    '- `fastsam export --to openvino --precision int8 --calibration photos/ --output models/`\n'
    '- `fastsam export --model my.pt --trust --to tensorrt --output models/`\n'
)


def export(
    to: Annotated[
        str,
        typer.Option(
            metavar='FORMAT',
            help='**onnx**: for ONNX Runtime and most others. **openvino**: for Intel. '
            '**torchscript**: for C++ with libtorch. **tensorrt**: for the NVIDIA GPU of this '
            'machine.',
            autocompletion=options.one_of('onnx', 'openvino', 'torchscript', 'tensorrt'),
        ),
    ],
    output: Annotated[Path, typer.Option('--output', '-o', help='Folder for the file.')],
    model: options.Model = '',
    text_model: Annotated[
        str,
        typer.Option(
            metavar='NAME|PATH',
            help='Export this text model instead, to onnx or openvino, so that it needs no torch.',
        ),
    ] = '',
    trust: options.Trust = False,
    precision: Annotated[
        str,
        typer.Option(
            help='Of the weights in the file: auto, fp32, fp16, or int8 (openvino, tensorrt), '
            'which roughly doubles the speed on a CPU.',
            metavar='NAME',
            autocompletion=options.one_of('auto', 'fp32', 'fp16', 'int8'),
        ),
    ] = 'auto',
    calibration: Annotated[
        str,
        typer.Option(
            metavar='FOLDER',
            help='For int8: pictures like those that the network will see, 100 or more. An engine '
            'of the model that ships needs none.',
        ),
    ] = '',
    image_size: options.ImageSize = IMAGE_SIZE,
    cameras: Annotated[
        int,
        typer.Option(
            metavar='NUMBER',
            min=1,
            max=64,
            help='For tensorrt: cameras whose images may come at once, as one batch.',
        ),
    ] = 1,
    check: Annotated[
        list[Path] | None,
        typer.Option(
            metavar='PICTURE',
            help='To compare file and source on; else one is made up. May be repeated.',
        ),
    ] = None,
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar='JSON',
            help="COCO's instances of those pictures (or of the calibration's): how much of what "
            'is marked source and file find is measured as well.',
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """
    Write a model in the format that another runtime reads.

    The file takes pictures of any size and several at once, and keeps where it is from (SHA-256)
    and its licence. At the end its masks are compared with those of its source: a file that
    differs fails the command.
    """
    from fastsam_ros.cli.progress import Progress
    from fastsam_ros.export.request import make_request
    from fastsam_ros.export.run import run, run_text

    if text_model:
        given = {
            '--model': model,
            '--trust': trust,
            '--precision': precision != 'auto',
            '--calibration': calibration,
            '--image-size': image_size != IMAGE_SIZE,
            '--cameras': cameras != 1,
            '--check': check,
            '--labels': labels,
        }
        options.refuse(given, 'with --text-model')
        run_text(text_model, to, output, as_json)
        return
    try:
        wanted = make_request(
            model,
            to,
            output,
            trust=trust,
            precision=precision,
            image_size=image_size,
            calibration=calibration,
            cameras=cameras,
        )
    except (ParameterError, FileNotFoundError) as error:
        raise typer.BadParameter(str(error)) from error
    with Progress() as progress:
        bar = progress.begin(f'{wanted.source.name} to {wanted.to}', 3 if labels else 2)
        run(wanted, check or (), labels, as_json, lambda: progress.step(bar))
