# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Segments in the format of COCO results.

COCO's run lengths go down the columns of the whole picture, background first, and are written as
text: each length from the third on as its difference to the one two before, in groups of five
bits, lowest first, with a sixth bit that says whether more follow, plus 48
(https://github.com/cocodataset/cocoapi, common/maskApi.c).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
import json
from pathlib import Path

import numpy as np

from fastsam_ros.core.run_lengths import RunLengths
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.results import Result

GROUPS = 7  # of five bits: enough for any difference of two 32 bit numbers
MORE = 32
FIRST_LETTER = 48


def column_lengths(runs: RunLengths, height: int) -> np.ndarray:
    """
    A mask's runs down the columns of the whole picture, background first.

    :param runs: the mask
    :param height: of the picture, pixels
    :return: (R,) int64; without the last background run, which the caller knows
    """
    columns = np.zeros((runs.width, height), bool)
    columns[:, runs.y : runs.y + runs.height] = runs.mask().T
    flat = columns.ravel()
    changes = np.flatnonzero(np.diff(flat, prepend=False, append=False))
    return np.diff(changes + runs.x * height, prepend=0)


def encode(runs: RunLengths, height: int, width: int) -> dict:
    """
    A mask as COCO's `segmentation`.

    :param runs: the mask
    :param height: of the picture, pixels
    :param width: of the picture, pixels
    :return: `size` (height, width) and `counts` (text)
    """
    lengths = column_lengths(runs, height)
    rest = height * width - int(lengths.sum())
    if rest or not len(lengths):
        lengths = np.append(lengths, rest)
    return {'size': [height, width], 'counts': _text(lengths)}


def _text(lengths: np.ndarray) -> str:
    values = lengths.astype(np.int64)
    values[3:] -= lengths[1:-2]
    shifted = values[:, None] >> (5 * np.arange(GROUPS + 1))
    groups = shifted[:, :-1] & 31
    # A number ends with the group that the rest only repeats the sign of.
    sign = np.where(groups & 16, -1, 0)
    more = shifted[:, 1:] != sign
    needed = np.cumsum(~more, axis=1) - ~more == 0
    letters = groups + MORE * more + FIRST_LETTER
    return letters[needed].astype(np.uint8).tobytes().decode()


def entries(file_name: str, result: Result, frame: int | None = None) -> Iterator[dict]:
    """
    One entry a segment.

    :param file_name: of the picture or video
    :param result: its segments
    :param frame: of a video, counted from 0
    """
    for segment in result.segments:
        runs = segment.runs
        entry = {
            'file_name': file_name,
            'segmentation': encode(runs, result.height, result.width),
            'score': round(segment.score, 6),
            'bbox': [runs.x, runs.y, runs.width, runs.height],
        }
        if frame is not None:
            entry |= {'frame': frame, 'id': segment.id}
        if segment.prompt >= 0:
            entry |= {'prompt': segment.prompt, 'prompt_score': round(segment.prompt_score, 6)}
        if segment.label:
            entry['label'] = segment.label
        yield entry


def write(path: Path, all_entries: Iterable[dict]) -> None:
    """
    Write a JSON list, an entry a line; the file is there whole or not at all.

    :param path: of the file
    :param all_entries: what `entries` gave, of one picture after the other
    """
    with replacing(path) as temporary, open(temporary, 'w', encoding='utf-8') as stream:
        separator = '[\n'
        for entry in all_entries:
            stream.write(separator + json.dumps(entry))
            separator = ',\n'
        stream.write('\n]\n' if separator == ',\n' else '[]\n')
