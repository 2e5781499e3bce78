# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Labels in Parquet as other programs read them: COCO's instances, SA-1B's tars, YOLO's polygons.

All are written row by row, so that many pictures need no more memory than a few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import io
import itertools
import json
from pathlib import Path, PurePosixPath
import shutil
import tarfile
import tempfile

import cv2
import numpy as np

from fastsam_ros.batch.label.items import lies_inside, read_files
from fastsam_ros.batch.label.manifest import read_manifest
from fastsam_ros.batch.label.partitions import list_partitions
from fastsam_ros.batch.label.work import parquet_of
from fastsam_ros.core.errors import OutputError, ParameterError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.coco import encode
from fastsam_ros.media.parquet import read_rows
from fastsam_ros.media.results import Result, Segment
from fastsam_ros.media.storage import Place

UNNAMED = 'object'  # the category of what nobody asked for by a name
Row = tuple[str, Result]


def convert(labels: str, to: str, output: Path, step: Callable[[], object] = bool) -> int:
    """
    Convert a folder of labels; the output is there whole or not at all, and replaces nothing.

    :param labels: the folder that `fastsam label` wrote; a path or URL
    :param to: coco, webdataset or yolo
    :param output: a file for coco, else a folder
    :param step: is called after each picture
    :return: how many pictures there are
    :raises ParameterError: when the format is unknown
    :raises OutputError: when the labels cannot be read, something is where the output goes, or the
        format has one name for two pictures
    """
    write = {'coco': write_coco, 'webdataset': write_tars, 'yolo': write_yolo}.get(to)
    if write is None:
        raise ParameterError(f'unknown format {to!r}: --to is one of coco, webdataset, yolo')
    place = Place(labels)
    manifest = read_manifest(place)
    if output.exists() and (to == 'coco' or not _is_empty(output)):
        raise OutputError(f'{output} is there already: give another --output')
    with replacing(output, _is_empty) as temporary:
        if to != 'coco':
            temporary.mkdir()
        return write(place, manifest, temporary, step)


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())


def rows_of(labels: Place) -> Iterator[Row]:
    """All rows of a folder of labels, one file after the other."""
    for name in (labels / 'labels').list():
        with (labels / 'labels' / name).open() as file:
            yield from read_rows(file)


def write_coco(labels: Place, manifest: dict, path: Path, step: Callable[[], object]) -> int:
    """Write one JSON of COCO's instances: images, annotations with run lengths, categories."""
    categories: dict[str, int] = {}
    count = number = 0
    with path.open('w', encoding='utf-8') as file, tempfile.TemporaryFile('w+') as images:
        file.write('{"annotations": [')
        for key, result in rows_of(labels):
            count += 1
            row = {'id': count, 'file_name': key, 'height': result.height, 'width': result.width}
            images.write(',\n' * (count > 1) + json.dumps(row))
            for segment in result.segments:
                number += 1
                category = categories.setdefault(_category(segment), len(categories) + 1)
                entry = _annotation(segment, result)
                entry |= {'id': number, 'image_id': count, 'category_id': category, 'iscrowd': 0}
                file.write(',\n' * (number > 1) + json.dumps(entry))
            step()
        names = [{'id': each, 'name': name} for name, each in categories.items()]
        file.write(f'],\n"categories": {json.dumps(names)},\n"images": [')
        images.seek(0)
        shutil.copyfileobj(images, file)
        file.write(']}\n')
    return count


def _category(segment: Segment) -> str:
    """What was asked for; what the network guesses by itself makes no categories."""
    return segment.label if segment.prompt >= 0 and segment.label else UNNAMED


def _annotation(segment: Segment, result: Result) -> dict:
    runs = segment.runs
    return {
        'segmentation': encode(runs, result.height, result.width),
        'bbox': [runs.x, runs.y, runs.width, runs.height],
        'area': runs.area,
        'score': round(segment.score, 6),
    }


def write_tars(labels: Place, manifest: dict, output: Path, step: Callable[[], object]) -> int:
    """
    Write a tar a partition, as WebDataset and SA-1B have them: NAME.jpg and NAME.json beside it.

    The pictures come from the source that was labelled, which must still be there; bags are left
    out, as their images are no files.
    """
    count = 0
    for partition in list_partitions(manifest['source'], manifest['chunk']):
        source = parquet_of(labels, partition)
        if partition.kind == 'bag' or not source.exists():
            continue
        with source.open() as file:
            rows = dict(read_rows(file))
        names: set[str] = set()
        with tarfile.open(output / f'{partition.name}.tar', 'w') as tar:
            for key, load in read_files(partition):
                if key in rows:
                    if isinstance(load, Exception):  # labels of an earlier release
                        raise OutputError(str(load)) from load
                    name = _sample_name(key, names)
                    _add_sample(tar, name, count, key, load(), rows[key])
                    count += 1
                    step()
    return count


def _sample_name(key: str, taken: set[str]) -> str:
    """A name that no other sample of a tar has; its picture's key is in its JSON."""
    # WebDataset takes what is before the first dot for a sample's name.
    stem = str(PurePosixPath(key).with_suffix('')).replace('.', '_')
    numbered = (f'{stem}-{number}' for number in itertools.count(2))
    name = next(name for name in itertools.chain([stem], numbered) if name not in taken)
    taken.add(name)
    return name


def _add_sample(
    tar: tarfile.TarFile, name: str, number: int, key: str, picture: bytes, result: Result
) -> None:
    image = {'image_id': number, 'file_name': key, 'height': result.height,
             'width': result.width}
    rows = [
        {**_annotation(segment, result), 'id': index, 'predicted_iou': round(segment.score, 6),
         **({'label': segment.label} if segment.label else {})}
        for index, segment in enumerate(result.segments)
    ]
    text = json.dumps({'image': image, 'annotations': rows}).encode()
    for suffix, data in ((PurePosixPath(key).suffix, picture), ('.json', text)):
        member = tarfile.TarInfo(name + suffix)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))


def write_yolo(labels: Place, manifest: dict, output: Path, step: Callable[[], object]) -> int:
    """
    Write a .txt a picture with a polygon a segment, and data.yaml.

    A polygon is the largest outer outline of a mask; it cannot hold holes and further parts.
    """
    categories: dict[str, int] = {}
    count = 0
    for key, result in rows_of(labels):
        count += 1
        lines = [
            f'{categories.setdefault(_category(segment), len(categories))} {polygon}'
            for segment in result.segments
            if (polygon := polygon_of(segment.runs, result))]
        _write_new(output / 'labels', key, ''.join(f'{line}\n' for line in lines))
        step()
    names = ''.join(f'  {number}: {json.dumps(name)}\n' for name, number in categories.items())
    text = f'path: .\ntrain: images\nval: images\nnames:\n{names}'
    (output / 'data.yaml').write_text(text)
    return count


def _write_new(folder: Path, key: str, text: str) -> None:
    """Write a picture's .txt; readers find it by the picture's name without its ending."""
    if not lies_inside(key):
        raise OutputError(f'{key} would be written outside of --output: label its tar anew')
    target = folder / PurePosixPath(key).with_suffix('.txt')
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open('x') as file:
            file.write(text)
    except FileExistsError as error:
        raise OutputError(
            f'{key} and another picture would both have the labels {target.relative_to(folder)}: '
            'YOLO tells pictures by their names without the ending; rename one and label them '
            'anew, or convert to another format') from error


def polygon_of(runs: RunLengths, result: Result) -> str:
    """
    The largest outer outline of a mask: x y x y ..., each 0 to 1 of the picture; '' for none.

    :param runs: the mask
    :param result: of the picture, for its size
    """
    if not runs.area:
        return ''
    mask = np.ascontiguousarray(runs.mask()).view(np.uint8)
    found = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    outline = max(found, key=cv2.contourArea).reshape(-1, 2)
    if len(outline) < 3:
        return ''
    # Outlines go through the middles of pixels.
    points = (outline + (runs.x + 0.5, runs.y + 0.5)) / (result.width, result.height)
    return ' '.join(f'{value:.6f}' for value in points.ravel())
