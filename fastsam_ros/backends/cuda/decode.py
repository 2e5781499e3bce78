# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Masks decoded in torch, where the network left its outputs: only run lengths leave the device.

The same mathematics as src/masks/outlines.cpp, in the shape that a GPU likes: instead of looking
for the cells on an outline, all prototype columns of every image row in a window are interpolated
at once, and where neighbours' signs differ a run begins or ends. That finds them in order, so
nothing is sorted. The host waits twice for a pass, which mostly holds all segments
of an image: for the number of runs, and for the result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fastsam_ros.backends.cuda.fading import cells_around, fade
from fastsam_ros.backends.cuda.transfer import device_axes, send
from fastsam_ros.core.boxes import pixel_windows
from fastsam_ros.core.letterbox import Axis, Letterbox
from fastsam_ros.core.masks.fading import Fading
from fastsam_ros.core.masks.run_table import NUMBER, RunTable

# In one pass, of pixels of mask logits, and of (image row, prototype column) pairs; bounds the
# memory it takes.
ELEMENTS = 1 << 24
SHIFT = 40  # bits of a place in a box, counted in pixels


@dataclass(frozen=True, eq=False)
class Toggles:
    """
    Where masks begin and end along the rows of their windows, begin and end in turn.

    :param segment: (M / 2,) int64, of each run
    :param y: (M / 2,) int64, its image row
    :param x0: (M / 2,) int64, its first pixel; x1: behind its last; a run may be empty
    """

    segment: torch.Tensor
    y: torch.Tensor
    x0: torch.Tensor
    x1: torch.Tensor


@torch.inference_mode()
def decode(
    coefficients: torch.Tensor,
    prototypes: torch.Tensor,
    extents: np.ndarray,
    letterbox: Letterbox,
    fading: Fading | None = None,
) -> RunTable:
    """
    Masks as run lengths, as `core.masks.decoding.decode` gives them.

    :param coefficients: (N, 32), on the device
    :param prototypes: (32, h, w) there
    :param extents: (N, 4) float32 x0, y0, x1, y1, image pixels, on the host
    :param letterbox: of the image
    :param fading: how masks go on beyond their extents; None: they don't
    """
    passes = decode_passes(coefficients, prototypes, extents, letterbox, fading)
    return RunTable.joined([assemble(count, toggles) for count, toggles in passes])


def decode_passes(
    coefficients: torch.Tensor,
    prototypes: torch.Tensor,
    extents: np.ndarray,
    letterbox: Letterbox,
    fading: Fading | None = None,
) -> Iterator[tuple[int, Toggles]]:
    """The segments of `decode` in groups that fit the memory: how many, and their toggles."""
    channels, height, width = prototypes.shape
    windows = pixel_windows(extents, letterbox.height, letterbox.width)
    reaches = windows if fading is None else fading.reaches
    flat = prototypes.reshape(channels, -1).float()
    axes = device_axes(letterbox, height, width, prototypes.device)
    for part in _parts(reaches, height, width):
        logits = (coefficients[part].float() @ flat).reshape(-1, height, width)
        chosen, rooms, ramps = _sent(windows[part], reaches[part], fading, part, logits.device)
        if fading is not None:
            chosen = fade(logits, chosen, rooms, ramps, axes)
        rows = int((reaches[part, 3] - reaches[part, 1]).sum())
        yield len(logits), find_toggles(logits, chosen, rooms, rows, axes)


def _sent(
    windows: np.ndarray,
    reaches: np.ndarray,
    fading: Fading | None,
    part: slice,
    device: torch.device,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Windows and reaches, (N, 4) int64, and ramps, (N, 6) float32, sent in one copy."""
    tables = [windows.astype(np.int32), reaches.astype(np.int32)]
    if fading is not None:
        tables.append(fading.ramps[part].astype(np.float32).view(np.int32))
    there = send(np.concatenate(tables, axis=1), device)
    return there[:, :4].long(), there[:, 4:8].long(), there[:, 8:].view(torch.float32)


def _parts(windows: np.ndarray, height: int, width: int) -> list[slice]:
    """
    The segments in as few parts as the memory allows.

    :param windows: (N, 4) int64, see `pixel_windows`
    :param height: of the prototypes
    :param width: of the prototypes
    """
    last_row = np.cumsum(windows[:, 3] - windows[:, 1])
    group = last_row // max(ELEMENTS // width, 1)
    ends = [0, *(np.flatnonzero(np.diff(group)) + 1).tolist(), len(group)]
    most = max(ELEMENTS // (height * width), 1)
    return [
        slice(first, min(first + most, stop)) for start, stop in zip(ends, ends[1:])
        for first in range(start, stop, most)]


def find_toggles(
    logits: torch.Tensor,
    windows: torch.Tensor,
    reaches: torch.Tensor,
    total: int,
    axes: tuple[Axis, Axis],
) -> Toggles:
    """
    Every run of every mask; in the order of segments, rows and columns.

    :param logits: (N, h, w) float32
    :param windows: (N, 4) int64, see `pixel_windows`
    :param reaches: (N, 4) int64 that hold the windows: their rows are looked at
    :param total: how many rows that are, which the host need not ask the device for
    :param axes: of the image
    """
    rows, columns = axes
    left, top, right, bottom = windows.T
    near, far = cells_around(left, right, columns)
    heights = reaches[:, 3] - reaches[:, 1]
    first_row = heights.cumsum(0) - heights
    segment = torch.repeat_interleave(heights, output_size=total)
    y = torch.arange(total, device=logits.device) + (reaches[:, 1] - first_row)[segment]
    values = _rows(logits, segment, y, rows)
    there = (y >= top[segment]) & (y < bottom[segment])
    flips = _flips(values, there, near[segment], far[segment])
    number, column = flips.nonzero().T  # the host waits here for how many there are
    x = _pixels(values, number, column, columns)
    segment, y = segment[number], y[number]
    left, right = left[segment], right[segment]
    x = torch.where(column == near[segment], left, x)
    x = torch.where(column == far[segment] + 1, right, x)
    x = torch.minimum(torch.maximum(x, left), right)
    return Toggles(segment[::2], y[::2], x[::2], x[1::2])


def _rows(
    logits: torch.Tensor, segment: torch.Tensor, y: torch.Tensor, rows: Axis
) -> torch.Tensor:
    """Logits at image rows and prototype columns: (R, w) float32."""
    cell = rows.cells[y]
    at = segment * logits.shape[1] + cell
    flat = logits.reshape(-1, logits.shape[2])
    part = rows.parts[y][:, None]
    above = flat[at]
    return above + (flat[at + 1] - above) * part


def _flips(
    values: torch.Tensor, there: torch.Tensor, near: torch.Tensor, far: torch.Tensor
) -> torch.Tensor:
    """
    Between which prototype columns each row changes sides: (R, w + 1) bool.

    Outside of a row's columns `near` to `far`, and in rows that are not there, it counts as
    outside of the mask, so the number of flips is even.
    """
    column = torch.arange(values.shape[1], device=values.device)
    inside = (values > 0) & (column >= near[:, None]) & (column <= far[:, None]) & there[:, None]
    inside = torch.nn.functional.pad(inside, (1, 1))
    return inside[:, 1:] != inside[:, :-1]


def _pixels(
    values: torch.Tensor, number: torch.Tensor, column: torch.Tensor, columns: Axis
) -> torch.Tensor:
    """The first image column at or behind each zero crossing; anything at a window's edges."""
    left = values[number, (column - 1).clamp(min=0)].double()
    right = values[number, column.clamp(max=values.shape[1] - 1)].double()
    position = column - 1 + left / (left - right)
    x = (position - columns.offset) / columns.scale
    # Inside means above 0: entering, the pixel on the crossing is still out; leaving, it is out.
    x = torch.where(left > 0, x.ceil(), x.floor() + 1)
    return x.nan_to_num().clamp(-1, 1 << 31).long()


def _sums(values: torch.Tensor, segment: torch.Tensor, count: int) -> torch.Tensor:
    return torch.zeros(count, dtype=torch.int64, device=values.device).index_add_(
        0, segment, values)


def assemble(count: int, toggles: Toggles) -> RunTable:
    """Run lengths of each segment, from its runs."""
    boxes = tight_boxes(count, toggles)
    counts, stops = count_runs(boxes, toggles)
    packed = torch.cat([boxes.flatten(), stops, counts]).int().cpu().numpy()  # one transfer
    counts = packed[6 * count :].view(np.uint32)
    left, top, right, bottom, area, stops = packed[: 6 * count].reshape(6, count).astype(np.int64)
    starts = np.append(0, stops[:-1])
    numbers = stops - starts
    some = numbers > 0
    numbers[some] -= counts[stops[some] - 1] == 0  # the mask reaches the box's last pixel
    rows = np.stack([left, top, right - left, bottom - top, area, numbers], axis=1)
    rows[area == 0] = 0
    ends = np.repeat(starts + rows[:, NUMBER], stops - starts)
    return RunTable(rows, counts[: len(ends)][np.arange(len(ends)) < ends])


def tight_boxes(count: int, toggles: Toggles) -> torch.Tensor:
    """Tight boxes and areas: left, top, right, bottom, area (5, N) int64."""
    there = toggles.x1 > toggles.x0
    far = 1 << 30
    low = torch.stack([toggles.x0, toggles.y, -toggles.x1, -toggles.y - 1])
    low = torch.where(there, low, far)
    box = torch.full((4, count), far, dtype=torch.int64, device=low.device)
    box.scatter_reduce_(1, toggles.segment.expand(4, -1), low, 'amin')
    area = _sums(toggles.x1 - toggles.x0, toggles.segment, count)
    return torch.cat([box[:2], -box[2:], area[None]])


def count_runs(boxes: torch.Tensor, toggles: Toggles) -> tuple[torch.Tensor, torch.Tensor]:
    """
    Run lengths of all segments, with room to spare at the end, and where each segment's stop.

    Edges that coincide cancel each other: runs that touch, also across a row's end. Empty runs
    may lie anywhere in their row; they go to the edge before, where they cancel as well.
    """
    left, top, right, bottom = boxes[:4]
    width = right - left
    segment = toggles.segment
    begin = (segment << SHIFT) + (toggles.y - top[segment]) * width[segment] - left[segment]
    keys = begin[:, None] + torch.stack([toggles.x0, toggles.x1], dim=1)
    there = (toggles.x1 > toggles.x0)[:, None].expand(-1, 2)
    keys = _carried(keys.flatten(), there.flatten())
    keep = _uncancelled(keys)
    segment, edges = (keys >> SHIFT).clamp(min=0), keys & ((1 << SHIFT) - 1)
    rank = torch.cumsum(keep, 0) - 1  # among those kept
    number = torch.zeros(len(width), dtype=torch.int64, device=edges.device).index_add_(
        0, segment, keep.long())
    stops = torch.cumsum(number + 1, 0)  # one more each, for the background up to the box's end
    size = len(edges) + len(width) + 1
    # Kept edges to their places, the ends of boxes between them, all else to the last place.
    places = torch.where(keep, rank + segment, size - 1)
    ends = torch.full((size,), 0, dtype=torch.int64, device=edges.device)
    ends[places] = edges
    ends[stops - 1] = width * (bottom - top)
    counts = torch.diff(ends, prepend=ends[:1] * 0)
    begins = stops - number - 1
    counts[begins] = ends[begins]
    return counts, stops


def _carried(values: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """
    At each place the last value so far of those that are there: (M,); -1 before the first.

    By a sum, which a GPU shares out among all of its blocks; of a running maximum of one row it
    makes the work of one.
    """
    rank = torch.cumsum(there, 0)
    found = torch.full((len(values) + 2,), -1, dtype=values.dtype, device=values.device)
    found[torch.where(there, rank, len(values) + 1)] = values  # the last place is never read
    return found[rank]


def _uncancelled(keys: torch.Tensor) -> torch.Tensor:
    """The last of each group of equal keys when the group is odd: (M,) bool."""
    index = torch.arange(len(keys), device=keys.device)
    differs = keys[1:] != keys[:-1]
    first = torch.nn.functional.pad(differs, (1, 0), value=True)[: len(keys)]
    last = torch.nn.functional.pad(differs, (0, 1), value=True)[: len(keys)]
    start = _carried(index, first)
    return last & ((index - start) % 2 == 0)
