# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that fade beyond their boxes, on the device: what src/tile.hpp does on the host."""

from __future__ import annotations

import numpy as np
import torch

from fastsam_ros.backends.cuda.transfer import send
from fastsam_ros.core.letterbox import Letterbox, prototype_axes
from fastsam_ros.core.masks.fading import Fading


def fade(
    logits: torch.Tensor, windows: np.ndarray, fading: Fading, letterbox: Letterbox
) -> np.ndarray:
    """
    Lower logits beyond the boxes of the masks that come to their windows' sides.

    :param logits: (N, h, w) float32; changed in place
    :param windows: (N, 4) int64, see `pixel_windows`
    :param fading: of these masks
    :param letterbox: of the image
    :return: the windows, moved out on those sides
    """
    # The picture's border is no side that cuts: there the mask ends anyway.
    inner = send(fading.reaches != windows, logits.device)
    reached = _reached(logits, windows, letterbox) & inner
    ramps = send(fading.ramps.T.astype(np.float32), logits.device)
    left, top, right, bottom, across, down = ramps
    aside = _lowered(logits.shape[2], left, right, across)
    away = _lowered(logits.shape[1], top, bottom, down)
    ramp = torch.hypot(aside[:, None], away[:, :, None])
    logits -= torch.where(reached.any(1)[:, None, None], ramp, 0)
    return np.where(reached.cpu().numpy(), fading.reaches, windows)  # the host waits here


def _lowered(
    size: int, low: torch.Tensor, high: torch.Tensor, slope: torch.Tensor
) -> torch.Tensor:
    """By how much each pixel of one axis is lowered: (N, size) float32."""
    middles = torch.arange(size, device=low.device) + 0.5
    beyond = torch.maximum(low[:, None] - middles, middles - high[:, None])
    return beyond.clamp(min=0) * slope[:, None]


def _reached(
    logits: torch.Tensor, windows: np.ndarray, letterbox: Letterbox
) -> torch.Tensor:
    """Whether a mask is on where the prototype pixels around its window end: (N, 4) bool."""
    rows, columns = prototype_axes(letterbox, *logits.shape[1:])
    left, top, right, bottom = windows.T
    spans = np.stack([
        columns.cells[np.minimum(left, letterbox.width - 1)],
        rows.cells[np.minimum(top, letterbox.height - 1)],
        columns.cells[right - 1] + 1, rows.cells[bottom - 1] + 1, right > left])
    x0, y0, x1, y1, there = send(spans, logits.device)
    number = torch.arange(len(logits), device=logits.device)
    across = torch.arange(logits.shape[2], device=logits.device)
    down = torch.arange(logits.shape[1], device=logits.device)
    in_columns = (across >= x0[:, None]) & (across <= x1[:, None])
    in_rows = (down >= y0[:, None]) & (down <= y1[:, None])
    lines = (
        (logits[number, :, x0] > 0) & in_rows, (logits[number, y0] > 0) & in_columns,
        (logits[number, :, x1] > 0) & in_rows, (logits[number, y1] > 0) & in_columns)
    return torch.stack([line.any(1) & (there > 0) for line in lines], 1)
