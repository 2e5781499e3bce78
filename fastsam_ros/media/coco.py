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

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
import hashlib
import json
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.marks import refuse_foreign
from fastsam_ros.media.results import Result
from fastsam_ros.models import sha256

WRITER = 'fastsam_ros: fastsam segment'
CATEGORY = 1  # of all that is found: FastSAM knows one class

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


class Numbers:
    """
    `image_id` of each picture: as annotations have it, or counted from 1.

    :param annotations: COCO's instances, or None
    :raises ParameterError: when the file is something else
    """

    def __init__(self, annotations: Path | None = None) -> None:
        self.images: list[dict] = []  # those that results are about, as COCO lists them
        self.unknown: list[str] = []  # pictures that the annotations don't name
        self._known = None if annotations is None else _read_numbers(annotations)

    def add(self, file_name: str, frame: int | None, result: Result) -> int | None:
        """
        The number of the next picture or frame; None when the annotations lack it.

        :param file_name: of the picture or video
        :param frame: of a video, counted from 0
        :param result: its size, and how prompts stand in it
        """
        number = self._number(file_name)
        if number is None:
            self.unknown.append(file_name)
            return None
        row = {
            'id': number, 'file_name': file_name, 'height': result.height, 'width': result.width}
        if frame is not None:
            row['frame'] = frame
        if result.states:
            row['states'] = {state.name: state.state for state in result.states}
        self.images.append(row)
        return number

    def _number(self, file_name: str) -> int | None:
        if self._known is None:
            return len(self.images) + 1
        return self._known.get(file_name, self._known.get(PurePosixPath(file_name).name))


def file_name_of(image: Mapping[str, Any]) -> str:
    """
    Of an entry in COCO's list of images; LVIS has the address alone, and its pictures are COCO's.

    :raises KeyError: when it has neither
    """
    return image['file_name'] if 'file_name' in image else PurePosixPath(image['coco_url']).name


def _read_numbers(path: Path) -> dict[str, int]:
    """`id` of each image by its `file_name`, and by the last part of it where that is unique."""
    try:
        images = json.loads(path.read_text(encoding='utf-8'))['images']
        whole = {file_name_of(image): image['id'] for image in images}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            f'{path} cannot be read as COCO\'s instances, with "images" that have "id" and '
            f'"file_name": {error!r}') from error
    parts = Counter(PurePosixPath(name).name for name in whole)
    last = {PurePosixPath(name).name: number for name, number in whole.items()
            if parts[PurePosixPath(name).name] == 1}
    return {**last, **whole}


def entries(
    image_id: int, file_name: str, result: Result, frame: int | None = None
) -> Iterator[dict]:
    """
    One entry a segment.

    :param image_id: the picture's number
    :param file_name: of the picture or video
    :param result: its segments
    :param frame: of a video, counted from 0
    """
    for segment in result.segments:
        runs = segment.runs
        entry = {
            'image_id': image_id,
            'category_id': CATEGORY,
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
            entry |= {
                'label': segment.label, 'label_score': round(segment.label_score, 6)}
        if segment.thing:
            entry['thing'] = segment.thing
        yield entry


def images_of(path: Path) -> Path:
    """The list of images beside a list of results: results.images.json."""
    return path.with_name(f'{path.stem}.images.json')


def refuse_foreign_results(path: Path) -> None:
    """
    Refuse to replace a list of results, or of its images, that this program did not write.

    :param path: of the results
    :raises OutputError: when somebody else's is there
    """
    refuse_foreign(images_of(path), lambda images: _digests(images) is not None)
    refuse_foreign(path, _is_ours)


def write(
    path: Path, numbers: Numbers, results: Iterable[tuple[str, int | None, Result]]
) -> None:
    """
    Write results as a JSON list, an entry a line, and the list of their images beside it.

    :param path: of the results
    :param numbers: gives each picture its `image_id`
    :param results: file name, number of the frame or None, and segments, one picture after another
    :raises OutputError: when somebody else's file is there
    """
    refuse_foreign_results(path)
    with replacing(path, _is_ours) as temporary:
        with open(temporary, 'w', encoding='utf-8') as stream:
            separator = '[\n'
            for name, frame, result in results:
                number = numbers.add(name, frame, result)
                if number is not None:
                    for entry in entries(number, name, result, frame):
                        stream.write(separator + json.dumps(entry))
                        separator = ',\n'
            stream.write('\n]\n' if separator == ',\n' else '[]\n')
        written = sha256(temporary)
        # Whichever is there if the program ends here is known as its own.
        former = [sha256(path)] if path.exists() else []
        _write_images(images_of(path), numbers.images, [*former, written])
    _write_images(images_of(path), numbers.images, [written])


def _write_images(path: Path, images: list[dict], digests: list[str]) -> None:
    """
    Write the list of images, which also says which results are this program's.

    JSON holds no comments, and readers of results expect a list of nothing but these.
    """
    text = json.dumps(images)
    info = {'contributor': WRITER, 'results_sha256': digests, 'images_sha256': _hash(text)}
    with replacing(path, lambda old: _digests(old) is not None) as temporary:
        categories = json.dumps([{'id': CATEGORY, 'name': 'object'}])
        temporary.write_text(
            f'{{"info": {json.dumps(info)},\n"categories": {categories},\n"images": {text}}}\n',
            encoding='utf-8')


def _is_ours(path: Path) -> bool:
    digests = _digests(images_of(path))
    return digests is not None and path.is_file() and sha256(path) in digests


def _digests(path: Path) -> list[str] | None:
    """Of the results that a list of images belongs to; None when it is somebody else's."""
    try:
        found = json.loads(path.read_text(encoding='utf-8'))
        info = found['info']
        whole = _hash(json.dumps(found['images'])) == info['images_sha256']
        return info['results_sha256'] if whole and info['contributor'] == WRITER else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
