# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Whether an engine computes what its weights say; asked once, when it is first used.

TensorRT chooses kernels while it builds, and in float16 some networks lose their meaning without
any message. So the engine is compared with its own weights on the processor, by whatever runtime
reads them, and the result is kept in its note. Without the weights at hand the note is left as it
is and the log says so.
"""

from __future__ import annotations

from collections.abc import Callable
import json
import logging
from pathlib import Path

import numpy as np

from fastsam_ros import models
from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.backends.tensorrt.note import write_note
from fastsam_ros.core.errors import BackendError, ModelError, UntrustedModelError
from fastsam_ros.core.images import rectangles

SIZE = 320  # pixels; of the square picture that both see, unless the engine takes less
SURE = 0.4  # score of boxes that are compared; those of less are no better than their score
# Many times what float16 makes of the network that ships: 0.003, 0.4, 0.001 and 0.002.
MOST = {'scores': 0.05, 'boxes': 2.0, 'coefficients': 0.05, 'prototypes': 0.05}
# In int8 that picture, which is none of a camera, moves single boxes by dozens of pixels, and
# 0.3 and 0.4; another network's are apart by 1 and more. Masks are compared when it is exported.
MOST_INT8 = {'coefficients': 0.7, 'prototypes': 0.7}

Run = Callable[[np.ndarray], NetworkOutput]


def verify(run: Run, path: Path, note: dict) -> None:
    """
    Compare the engine with its weights, unless that was done before.

    :param run: `Backend.infer` of the engine
    :param path: of the .engine file
    :param note: what stands beside it; rewritten with what was found
    :raises ModelError: when they differ more than its precision explains
    """
    most = MOST_INT8 if note['precision'] == 'int8' else MOST
    if MOST.keys() <= dict(note.get('parity') or {}).keys():  # earlier versions compared less
        return
    logger = logging.getLogger(__name__)
    weights = _weights(path, note)
    if weights is None:
        logger.warning(
            '%s was never compared with its weights: %s of SHA-256 %s is not beside it', path,
            note['source'], note['source_sha256'])
        return
    side = min(SIZE, *json.loads(note.get('imgsz', f'[{SIZE}]')))
    batch = rectangles(side, side)[None]
    try:
        expected = _on_processor(weights, batch)
    except BackendError as error:  # a robot needs nothing else for an engine
        logger.warning('%s was never compared with its weights: %s', path, error)
        return
    found = differences(run(batch), expected)
    if not all(found[name] <= limit for name, limit in most.items()):  # nan is not
        raise ModelError(
            f'{path.name} does not compute what {weights.name} says: differences are {found}, at '
            f'most {most} were expected. Build it again, with --precision fp32 if it was fp16')
    write_note(path, {**note, 'parity': found})


def _on_processor(weights: Path, batch: np.ndarray) -> NetworkOutput:
    from fastsam_ros.backends import load  # which knows this module

    backend = load(weights, device='cpu', precision='fp32')
    try:
        return backend.infer(batch)
    finally:
        backend.close()


def differences(outputs: NetworkOutput, expected: NetworkOutput) -> dict[str, float]:
    """
    How far two runs of one network are apart.

    :param outputs: predictions (B, 37, A) and prototypes (B, 32, h, w)
    :param expected: the same, to compare with
    :return: largest difference of scores; largest of the edges of sure boxes, network pixels;
        that of their coefficients relative to their size; and of prototypes likewise
    """
    (predictions, prototypes), (others, references) = (
        tuple(output.astype(np.float64) for output in pair) for pair in (outputs, expected))
    scores = others[:, 4]
    sure = scores >= min(scores.max(), SURE)  # the best one where none is
    ours, theirs = (np.moveaxis(rows, 1, 2)[sure] for rows in (predictions, others))  # (N, 37)
    return {
        'scores': float(np.abs(predictions[:, 4] - scores).max()),
        'boxes': float(np.abs(_edges(ours) - _edges(theirs)).max()),
        'coefficients': _apart(ours[:, 5:], theirs[:, 5:]),
        'prototypes': _apart(prototypes, references),
    }


def _edges(rows: np.ndarray) -> np.ndarray:
    """Left, top, right, bottom of boxes: (N, 4), from rows of centre x, y, width, height."""
    centres, half = rows[:, :2], rows[:, 2:4] / 2
    return np.concatenate([centres - half, centres + half], axis=1)


def _apart(values: np.ndarray, references: np.ndarray) -> float:
    """How far values are from others, relative to the size of those."""
    return float(np.linalg.norm(values - references) / np.linalg.norm(references))


def _weights(path: Path, note: dict) -> Path | None:
    """The file that the engine was built from, if it is at hand and may be loaded."""
    name = Path(str(note['source'])).name
    for folder in (path.parent, models.folder(), Path(models.__file__).parent):
        source = folder / name
        if source.is_file() and models.sha256(source) == note['source_sha256']:
            return source if _trusted(source) else None
    return None


def _trusted(path: Path) -> bool:
    """Whether a file may be loaded here: nobody said to trust the engine's source."""
    try:
        models.check_trust(path, trust=False)
    except UntrustedModelError:
        return False
    return True
