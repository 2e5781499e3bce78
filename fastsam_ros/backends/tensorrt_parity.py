# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Whether an engine computes what its weights say; asked once, when it is first used.

TensorRT chooses kernels while it builds, and in float16 some networks lose their meaning without
any message. So the engine is compared with torch on its own weights, and the result is kept in
its note. Without the weights at hand the note is left as it is and the log says so.
"""

from __future__ import annotations

from collections.abc import Callable
import json
import logging
from pathlib import Path

import torch

from fastsam_ros import models
from fastsam_ros.backends.tensorrt_note import write_note
from fastsam_ros.core.errors import ModelError, UntrustedModelError
from fastsam_ros.core.images import rectangles

SIZE = 320  # pixels; of the square picture that both see, unless the engine takes less
SURE = 0.4  # score of boxes that are compared; those of less are no better than their score
# Many times what float16 makes of the network that ships: 0.003, 0.4, 0.001 and 0.002.
MOST = {'scores': 0.05, 'boxes': 2.0, 'coefficients': 0.05, 'prototypes': 0.05}

Run = Callable[[torch.Tensor], 'tuple[torch.Tensor, torch.Tensor]']


def verify(run: Run, path: Path, note: dict, device: torch.device) -> None:
    """
    Compare the engine with its weights, unless that was done before.

    :param run: (B, H, W, 3) uint8 -> predictions and prototypes, by the engine
    :param path: of the .engine file
    :param note: what stands beside it; rewritten with what was found
    :param device: that both run on
    :raises ModelError: when they differ more than float16 explains
    """
    if MOST.keys() <= dict(note.get('parity') or {}).keys():  # earlier versions compared less
        return
    logger = logging.getLogger(__name__)
    weights = _weights(path, note)
    if weights is None:
        logger.warning(
            '%s was never compared with its weights: %s of SHA-256 %s is not beside it', path,
            note['source'], note['source_sha256'])
        return
    from fastsam_ros.backends.torch import TorchBackend

    try:
        exact = TorchBackend(weights, device, 'fp32')
    except ImportError as error:  # a robot needs no ultralytics for an engine
        logger.warning('%s was never compared with its weights: %s', path, error)
        return
    side = min(SIZE, *json.loads(note.get('imgsz', f'[{SIZE}]')))
    batch = torch.from_numpy(rectangles(side, side))[None].to(device)
    found = differences(run(batch), exact.run(batch))
    exact.close()
    if not all(found[name] <= most for name, most in MOST.items()):  # nan is not
        raise ModelError(
            f'{path.name} does not compute what {weights.name} says: differences are {found}, at '
            f'most {MOST} were expected. Build it again, with --precision fp32 if it was fp16')
    write_note(path, {**note, 'parity': found})


def differences(
    outputs: tuple[torch.Tensor, torch.Tensor], expected: tuple[torch.Tensor, torch.Tensor]
) -> dict[str, float]:
    """
    How far two runs of one network are apart.

    :param outputs: predictions (B, 37, A) and prototypes (B, 32, h, w)
    :param expected: the same, to compare with
    :return: largest difference of scores; largest of the edges of sure boxes, network pixels;
        that of their coefficients relative to their size; and of prototypes likewise
    """
    (predictions, prototypes), (others, references) = (
        tuple(output.double() for output in pair) for pair in (outputs, expected))
    scores = others[:, 4]
    sure = scores >= scores.max().clamp(max=SURE)  # the best one where none is
    ours, theirs = (rows.movedim(1, 2)[sure] for rows in (predictions, others))  # (N, 37)
    return {
        'scores': float((predictions[:, 4] - scores).abs().max()),
        'boxes': float((_edges(ours) - _edges(theirs)).abs().max()),
        'coefficients': _apart(ours[:, 5:], theirs[:, 5:]),
        'prototypes': _apart(prototypes, references),
    }


def _edges(rows: torch.Tensor) -> torch.Tensor:
    """Left, top, right, bottom of boxes: (N, 4), from rows of centre x, y, width, height."""
    centres, half = rows[:, :2], rows[:, 2:4] / 2
    return torch.cat([centres - half, centres + half], dim=1)


def _apart(values: torch.Tensor, references: torch.Tensor) -> float:
    """How far values are from others, relative to the size of those."""
    return float((values - references).norm() / references.norm())


def _weights(path: Path, note: dict) -> Path | None:
    """The file that the engine was built from, or its twin that torch reads."""
    name = Path(str(note['source'])).name
    for folder in (path.parent, models.folder(), Path(models.__file__).parent):
        source = folder / name
        if source.is_file() and models.sha256(source) == note['source_sha256']:
            file = source.with_suffix('.safetensors') if source.suffix == '.onnx' else source
            return file if file.is_file() and _trusted(file) else None
    return None


def _trusted(path: Path) -> bool:
    """Whether a file may be loaded here: nobody said to trust the engine's source."""
    try:
        models.check_trust(path, trust=False)
    except UntrustedModelError:
        return False
    return True
