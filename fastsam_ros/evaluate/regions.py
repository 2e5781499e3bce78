# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures that several annotators divided into regions: BSDS500, and folders of PNGs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
import glob
from pathlib import Path

import cv2
import numpy as np

from fastsam_ros.core.errors import BackendError, ParameterError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media.images import read_picture


@dataclass(frozen=True)
class Partitions:
    """
    Pictures and the annotators' partitions of each.

    :param pictures: paths
    :param truth: the folder of the partitions: NAME_K.png, annotator K's ids of regions, or
        BSDS500's NAME.mat
    """

    pictures: Sequence[Path]
    truth: Path

    @staticmethod
    def are_in(data: Path) -> bool:
        """Whether a folder holds partitions and not COCO's instances."""
        return (data / 'regions').is_dir() or (data / 'groundTruth').is_dir()

    @classmethod
    def open(cls, data: Path, limit: int | None = None) -> Partitions:
        """
        Open images/ beside regions/, or images/test beside groundTruth/test as in BSDS500/data.

        :param data: the folder that holds both
        :param limit: the first N pictures by name
        :raises ParameterError: when the folder holds neither
        """
        truth, images = data / 'regions', data / 'images'
        if (data / 'groundTruth' / 'test').is_dir():
            truth, images = data / 'groundTruth' / 'test', images / 'test'
        if not truth.is_dir() or not images.is_dir():
            raise ParameterError(
                f'{data} holds no pictures with regions: expected images/ and regions/, or '
                'images/test/ and groundTruth/test/ as in BSDS500/data')
        pictures = sorted(
            path for path in images.iterdir() if path.suffix.lower() in ('.jpg', '.png'))
        return cls(pictures[:limit], truth)

    def __iter__(self) -> Iterator[tuple[np.ndarray, list[np.ndarray]]]:
        """Yield each picture, (H, W, 3) uint8 RGB, and its partitions, (H, W) small integers."""
        for path in self.pictures:
            partitions = self._of(path.stem)
            if partitions:
                yield read_picture(path), partitions

    def _of(self, name: str) -> list[np.ndarray]:
        matlab = self.truth / f'{name}.mat'
        if matlab.is_file():
            return _read_matlab(matlab)
        files = partition_files(self.truth, name)
        return [cv2.imread(str(file), cv2.IMREAD_UNCHANGED) for file in files]


def partition_files(folder: Path, name: str) -> list[Path]:
    """
    Find the annotators of one picture.

    :param folder: of the partitions
    :param name: of the picture, without its ending
    :return: one file an annotator, NAME_K.png with no further underscore in K
    """
    files = folder.glob(f'{glob.escape(name)}_*.png')
    return sorted(file for file in files if file.stem.rpartition('_')[0] == name)


def _read_matlab(file: Path) -> list[np.ndarray]:
    """BSDS500's own file: a cell array of structures with a field Segmentation."""
    try:
        from scipy.io import loadmat
    except ModuleNotFoundError as error:
        raise BackendError(
            "BSDS500's .mat files need scipy, which is not installed: "
            'pip install "fastsam_ros[evaluate]"') from error
    truth = loadmat(str(file))['groundTruth']
    return [cell['Segmentation'][0, 0].astype(np.int64) for cell in truth.ravel()]


def covering(segments: Iterable[RunLengths], partition: np.ndarray) -> float:
    """
    Best IoU of each region with any segment, averaged over the regions by their areas.

    https://doi.org/10.1109/TPAMI.2010.161

    :param segments: masks in the partition's picture; they may overlap
    :param partition: (H, W) one annotator's region ids, small integers from 0
    :return: 0 to 1
    """
    areas = np.bincount(partition.ravel())
    best = np.zeros(len(areas))
    for segment in segments:
        inside = partition[segment.window][segment.mask()]
        common = np.bincount(inside, minlength=len(areas))
        best = np.maximum(best, common / np.maximum(areas + segment.area - common, 1))
    return float((best * areas).sum() / areas.sum())
