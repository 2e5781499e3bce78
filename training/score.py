# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Score model files on folders of labelled pictures, through the same code that users run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
from pathlib import Path

from fastsam_ros.evaluate import proposals
from fastsam_ros.fastsam import FastSam


def score_folder(model: FastSam, folder: Path, limit: int | None = None) -> dict[str, float]:
    """
    Score on a folder of either kind; see `fastsam evaluate --task proposals`.

    :param model: with the thresholds to score at
    :param folder: as `training.data.samples.read_folder` takes it
    :param limit: only so many pictures, the first by name
    :return: names and values; all are 0 to 1 but `segments`, the mean number a picture
    """
    return dict(proposals.evaluate(model, folder, limit=limit).figures)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(prog='python -m training.score', description=__doc__)
    p.add_argument('models', nargs='+', help='.onnx, .safetensors, .pt or other files, or names')
    p.add_argument('--data', type=Path, nargs='+', required=True, help='folders of pictures')
    p.add_argument('--confidence', type=float, default=0.01)
    p.add_argument('--iou', type=float, default=0.7, help='of the non-maximum suppression')
    p.add_argument('--segments', type=int, default=300, help='at most so many a picture')
    p.add_argument('--size', type=int, default=640, help='longer side of the input, pixels')
    p.add_argument('--pictures', type=int, help='only so many of each folder')
    p.add_argument('--device', default='cpu')
    p.add_argument('--precision', default='fp32')
    p.add_argument('--trust', action='store_true', help='load a .pt, which is a pickle')
    return p


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line: one line of JSON for each model and folder.

    :param arguments: instead of the process's own
    """
    settings = parser().parse_args(arguments)
    for name in settings.models:
        model = FastSam(
            name, device=settings.device, precision=settings.precision, trust=settings.trust,
            image_size=settings.size, confidence=settings.confidence, iou=settings.iou,
            max_segments=settings.segments)
        for folder in settings.data:
            scores = score_folder(model, folder, settings.pictures)
            rounded = {key: round(value, 4) for key, value in scores.items()}
            print(json.dumps({'model': name, 'data': folder.name, **rounded}), flush=True)


if __name__ == '__main__':
    main()
