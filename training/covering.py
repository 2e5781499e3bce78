# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How well segments cover the regions that people drew (https://doi.org/10.1109/TPAMI.2010.161)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fastsam_ros.core.run_lengths import RunLengths


def covering(segments: Iterable[RunLengths], partition: np.ndarray) -> float:
    """
    Best IoU of each region with any segment, averaged over the regions by their areas.

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
