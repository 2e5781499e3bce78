# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks that fade beyond their boxes, on the device: what src/masks/tile.hpp does on the host."""

from __future__ import annotations

import torch

from fastsam_ros.core.letterbox import Axis


def fade(
    logits: torch.Tensor,
    windows: torch.Tensor,
    reaches: torch.Tensor,
    ramps: torch.Tensor,
    axes: tuple[Axis, Axis],
) -> torch.Tensor:
    """
    Lower logits beyond the boxes of the masks that come to their windows' sides.

    :param logits: (N, h, w) float32; changed in place
    :param windows: (N, 4) int64, see `pixel_windows`
    :param reaches: (N, 4) int64, see `Fading`
    :param ramps: (N, 6) float32, see `Fading`
    :param axes: of the image, there too
    :return: the windows, moved out on those sides; the host waits for nothing
    """
    # The picture's border is no side that cuts: there the mask ends anyway.
    reached = _reached(logits, windows, axes) & (reaches != windows)
    left, top, right, bottom, across, down = ramps.T
    aside = _lowered(logits.shape[2], left, right, across)
    away = _lowered(logits.shape[1], top, bottom, down)
    ramp = torch.hypot(aside[:, None], away[:, :, None])
    logits -= torch.where(reached.any(1)[:, None, None], ramp, 0)
    return torch.where(reached, reaches, windows)


def _lowered(
    size: int, low: torch.Tensor, high: torch.Tensor, slope: torch.Tensor
) -> torch.Tensor:
    """By how much each pixel of one axis is lowered: (N, size) float32."""
    middles = torch.arange(size, device=low.device) + 0.5
    beyond = torch.maximum(low[:, None] - middles, middles - high[:, None])
    return beyond.clamp(min=0) * slope[:, None]


def _reached(
    logits: torch.Tensor, windows: torch.Tensor, axes: tuple[Axis, Axis]
) -> torch.Tensor:
    """Whether a mask is on where the prototype pixels around its window end: (N, 4) bool."""
    left, top, right, bottom = windows.T
    y0, y1 = cells_around(top, bottom, axes[0])
    x0, x1 = cells_around(left, right, axes[1])
    number = torch.arange(len(logits), device=logits.device)
    across = torch.arange(logits.shape[2], device=logits.device)
    down = torch.arange(logits.shape[1], device=logits.device)
    in_columns = (across >= x0[:, None]) & (across <= x1[:, None])
    in_rows = (down >= y0[:, None]) & (down <= y1[:, None])
    lines = (
        (logits[number, :, x0] > 0) & in_rows, (logits[number, y0] > 0) & in_columns,
        (logits[number, :, x1] > 0) & in_rows, (logits[number, y1] > 0) & in_columns)
    return torch.stack([line.any(1) & (right > left) for line in lines], 1)


def cells_around(
    first: torch.Tensor, end: torch.Tensor, axis: Axis
) -> tuple[torch.Tensor, torch.Tensor]:
    """
    The first and the last prototype pixels that matter for some image pixels of an axis.

    :param first: (N,) int64, image pixels
    :param end: (N,) int64, exclusive
    """
    last = len(axis.cells) - 1
    return axis.cells[first.clamp(max=last)], axis.cells[(end - 1).clamp(min=0)] + 1
