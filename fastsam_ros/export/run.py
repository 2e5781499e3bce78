# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam export`: write a model for another runtime, and check what was written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import json
from pathlib import Path

import numpy as np

from fastsam_ros.core.errors import ModelError, ParameterError
from fastsam_ros.export.average_recall import average_recall
from fastsam_ros.export.formats import describe, exporting
from fastsam_ros.export.parity import Parity, compare, still_life
from fastsam_ros.export.request import ExportRequest
from fastsam_ros.media.images import read_picture

LEAST_IOU = 0.98  # masks of a sound export overlap its source's at least so much on average
LEAST_IOU_INT8 = 0.8
MOST_CHECKED = 8  # pictures


def run(
    wanted: ExportRequest,
    pictures: Sequence[Path],
    labels: Path | None,
    as_json: bool,
    step: Callable[[], None] = lambda: None,
) -> None:
    """
    Export a model, compare it with its source, and say what came of it.

    :param wanted: what
    :param pictures: to compare on; none: those of the calibration, or a made-up one
    :param labels: COCO's instances of the pictures, to measure average recall with
    :param as_json: for a program
    :param step: is called after each of the two parts of the work, of three with labels
    :raises FastSamError: when it can't be done, or the file would not say what its source says;
        what was there stays
    """
    path, recalls = wanted.path, ()
    with exporting(wanted) as made:
        step()
        parity = check(wanted, made, _images(pictures or wanted.calibration))
        step()
    if labels:
        known = pictures or wanted.calibration
        recalls = average_recall((wanted.source, path), known, labels, wanted.image_size)
        step()
    _report(wanted, path, parity, recalls, as_json)


def run_text(name: str, to: str, folder: Path, as_json: bool = False) -> None:
    """
    Export a text model, which checks itself, and say where it is.

    :param name: of a published text model, or its path
    :param to: onnx or openvino
    :param folder: to write
    :param as_json: for a program
    :raises FastSamError: when it can't be done
    """
    if to not in ('onnx', 'openvino'):
        raise ParameterError(f'a text model is exported to onnx or openvino, not to {to}')
    from fastsam_ros.text import export_text_model

    path = export_text_model(name, folder, to)
    if as_json:
        print(json.dumps({'path': str(path), 'text_model': name, 'to': to}, indent=2))
        return
    print(path)
    print(f'Use it with: fastsam segment PICTURE --text "a dog" --text-model {path}')


def _images(pictures: Sequence[Path]) -> list[np.ndarray]:
    return [read_picture(path) for path in pictures[:MOST_CHECKED]] or [still_life()]


def check(wanted: ExportRequest, path: Path, images: Sequence[np.ndarray]) -> Parity:
    """
    Compare a model that is about to be exported with its source.

    :param wanted: what was asked for
    :param path: the file, not in its place yet
    :param images: each (H, W, 3) uint8 RGB
    :raises ModelError: when they differ more than rounding explains
    """
    parity = compare(wanted.source, path, images, wanted.image_size)
    least = LEAST_IOU_INT8 if wanted.weights == 'int8' else LEAST_IOU
    if not parity.segments:
        raise ModelError(
            f'{wanted.path} is not written, as it cannot be checked: {wanted.source.name} finds '
            'nothing in the picture; give one with things in it as --check'
        )
    if not parity.iou >= least:
        raise ModelError(
            f'{wanted.path} is not written, as it would not say what {wanted.source.name} says: '
            f'masks overlap by {parity.iou:.3f} on average (IoU, {parity.segments} and '
            f'{parity.other} segments), expected at least {least}'
            + ('; calibrate with more pictures' if wanted.weights == 'int8' else '')
        )
    return parity


def _report(
    wanted: ExportRequest, path: Path, parity: Parity, recalls: Sequence[float], as_json: bool
) -> None:
    if as_json:
        row = {
            'path': str(path),
            'bytes': path.stat().st_size + _size_of_weights(path),
            'mask_iou': round(parity.iou, 5),
            'segments': [parity.segments, parity.other],
            'average_recall': [round(value, 4) for value in recalls],
            **describe(wanted),
        }
        print(json.dumps(row, indent=2))
        return
    print(path)
    size = (path.stat().st_size + _size_of_weights(path)) / 1e6
    print(
        f'{size:.1f} MB in {wanted.weights}; masks overlap those of {wanted.source.name} by '
        f'{parity.iou:.4f} (mean IoU of {parity.segments} segments)'
    )
    if recalls:
        before, after = recalls
        print(f'average recall (100 masks): {before:.3f} before, {after:.3f} after')
    print(f'Use it with: fastsam segment PICTURE --model {path}')


def _size_of_weights(path: Path) -> int:
    """OpenVINO keeps weights in a second file."""
    weights = path.with_suffix('.bin')
    return weights.stat().st_size if path.suffix == '.xml' else 0
