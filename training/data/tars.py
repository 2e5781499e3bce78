# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Tars of labelled pictures, as SA-1B and `fastsam convert --to webdataset` have them.

Only where each picture lies and how large it is stays in memory: SA-1B's tars hold 11 million
pictures and a hundred masks in each.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import json
from pathlib import Path, PurePosixPath
import tarfile

import cv2
import numpy as np

from training.data import samples

SUFFIXES = ('.jpg', '.jpeg', '.png')


@dataclass(frozen=True)
class TarSample:
    """
    A picture in a tar, and its masks, which are read when they are needed; as `samples.Sample`.

    :param tar: the file
    :param path: of the picture in it
    :param picture: where its bytes begin, and how many there are
    :param labels: the same of its JSON
    :param size: height and width, pixels
    """

    tar: Path
    path: PurePosixPath
    picture: tuple[int, int]
    labels: tuple[int, int]
    size: tuple[int, int]
    complete: bool = False  # SA-1B leaves out what its model was not sure of
    names: tuple[str, ...] = ()

    @property
    def upright(self) -> bool:
        """Whether the picture is higher than wide."""
        return self.size[0] > self.size[1]

    @property
    def masks(self) -> tuple[dict, ...]:
        """Run lengths of pycocotools, as large as the picture."""
        rows = json.loads(self._read(*self.labels))['annotations']
        return tuple(samples.run_lengths(row['segmentation'], *self.size) for row in rows)

    def image(self) -> np.ndarray:
        """
        Read the pixels, (H, W, 3) uint8 RGB.

        :raises ValueError: when they can't be read
        """
        data = np.frombuffer(self._read(*self.picture), np.uint8)
        image = cv2.imdecode(data, cv2.IMREAD_COLOR)
        if image is None:
            raise ValueError(f'{self.path} in {self.tar} is not a picture that OpenCV can read')
        return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)

    def _read(self, start: int, size: int) -> bytes:
        with self.tar.open('rb') as file:
            file.seek(start)
            return file.read(size)


def read_tar(path: Path) -> list[TarSample]:
    """
    List the pictures of a tar that have a JSON beside them, with at least one mask.

    :param path: of a tar that is not compressed
    :return: in the order of the tar
    :raises ValueError: when it is no such tar
    """
    try:
        with tarfile.open(path, 'r:') as tar:
            return list(_pairs(path, tar))
    except (tarfile.TarError, KeyError, json.JSONDecodeError) as error:
        raise ValueError(
            f'{path} is no tar of pictures and their JSON, as SA-1B has them, or ends too early: '
            f'{error!r}') from error


def _pairs(path: Path, tar: tarfile.TarFile) -> Iterator[TarSample]:
    pictures: dict[str, tuple[PurePosixPath, tuple[int, int]]] = {}
    labels: dict[str, tuple[tuple[int, int], tuple[int, int]]] = {}
    for member in tar:
        name = PurePosixPath(member.name)
        stem, place = str(name.with_suffix('')), (member.offset_data, member.size)
        if name.suffix.lower() in SUFFIXES:
            pictures[stem] = (name, place)
        elif name.suffix == '.json' and member.size:
            described = json.load(tar.extractfile(member))
            if described['annotations']:
                image = described['image']
                labels[stem] = (place, (image['height'], image['width']))
    for stem, (name, place) in pictures.items():
        if stem in labels:
            where, size = labels[stem]
            yield TarSample(path, name, place, where, size)
