# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labelled pictures: folders in COCO's format, and folders of partitions as BSDS has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
import json
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as rle

from fastsam_ros.evaluate.regions import partition_files
from training.data import regions


@dataclass(frozen=True)
class Sample:
    """
    One picture and its masks, which may overlap.

    :param path: of the picture
    :param masks: run lengths of pycocotools, as large as the picture; at least one
    :param complete: whether what has no label is background, so that finding it is wrong
    :param names: of what each mask shows, '' where nobody said; empty: of none
    """

    path: Path
    masks: tuple[dict, ...]
    complete: bool
    names: tuple[str, ...] = ()

    @property
    def upright(self) -> bool:
        """Whether the picture is higher than wide."""
        height, width = self.size
        return height > width

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return tuple(self.masks[0]['size'])

    def image(self) -> np.ndarray:
        """Read the pixels, (H, W, 3) uint8 RGB."""
        return read_image(self.path)


def read_image(path: Path) -> np.ndarray:
    """
    Read a picture.

    :param path: a file that OpenCV reads
    :return: (H, W, 3) uint8 RGB
    :raises ValueError: when it can't be read
    """
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise ValueError(f'{path} is not a picture that OpenCV can read')
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_folder(folder: Path, leave_out: Sequence[str] = ()) -> list[Sample]:
    """
    Read whichever kind of folder it is, or a tar.

    :param folder: holds images/ and either instances.json or regions/; or a tar, or tars, of
        pictures with their JSON, as SA-1B has them
    :param leave_out: patterns of file names, such as 'balloons*', whose pictures are not read
    :return: pictures that have at least one label, sorted by name
    :raises ValueError: when the folder is neither
    """
    folder = Path(folder)
    tars = [folder] if folder.suffix == '.tar' else sorted(folder.glob('*.tar'))
    if tars:
        from training.data.tars import read_tar

        samples = [sample for tar in tars for sample in read_tar(tar)]
    elif (folder / 'instances.json').is_file():
        samples = read_coco(folder)
    elif (folder / 'regions').is_dir():
        samples = read_partitions(folder)
    else:
        raise ValueError(
            f'{folder}: expected instances.json (COCO) or regions/ (partitions) beside images/, '
            'or tars of pictures with their JSON')
    return [
        sample for sample in samples
        if not any(fnmatch(sample.path.name, pattern) for pattern in leave_out)]


def read_coco(folder: Path) -> list[Sample]:
    """
    Read COCO instances; crowds are left out.

    What a mask shows is the `name` of its annotation, where it has one: categories don't matter,
    as sets of few kinds of things call them what they like.

    :param folder: holds images/ and instances.json
    :return: pictures with labels; what has none counts as unknown, not as background
    """
    content = json.loads((folder / 'instances.json').read_text())
    labels: dict[int, list[tuple[dict, str]]] = {image['id']: [] for image in content['images']}
    sizes = {image['id']: (image['height'], image['width']) for image in content['images']}
    for annotation in content['annotations']:
        if not annotation.get('iscrowd', 0):
            key = annotation['image_id']
            mask = run_lengths(annotation['segmentation'], *sizes[key])
            labels[key].append((mask, annotation.get('name') or ''))
    return [
        Sample(folder / 'images' / image['file_name'], masks, False, names)
        for image in sorted(content['images'], key=lambda i: i['file_name'])
        for masks, names in [tuple(zip(*labels[image['id']])) or ((), ())] if masks]


def run_lengths(segmentation: list | dict, height: int, width: int) -> dict:
    """
    Turn any of COCO's three mask notations into compressed run lengths.

    :param segmentation: polygons, run lengths as a list, or compressed run lengths
    :param height: of the picture, pixels
    :param width: of the picture, pixels
    :return: compressed run lengths of pycocotools
    """
    if isinstance(segmentation, list):
        return rle.merge(rle.frPyObjects(segmentation, height, width))
    if isinstance(segmentation['counts'], list):
        return rle.frPyObjects(segmentation, height, width)
    return segmentation


def read_partitions(folder: Path) -> list[Sample]:
    """
    Read pictures that several annotators divided into regions.

    :param folder: holds images/NAME.jpg and regions/NAME_K.png, annotator K's region ids
    :return: pictures with the annotators' regions merged; they cover the picture completely
    """
    samples = []
    for path in sorted((folder / 'images').iterdir()):
        drawn = [
            region for file in partition_files(folder / 'regions', path.stem)
            for region in regions.split(cv2.imread(str(file), cv2.IMREAD_UNCHANGED))]
        if drawn:
            samples.append(Sample(path, tuple(regions.merge(drawn)), True))
    return samples

