# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a network might say of a picture."""

import numpy as np


def random_predictions(seed, anchors=600):
    """(37, A) float32: boxes in clumps that overlap each other, many scores twice."""
    rng = np.random.default_rng(seed)
    clump = rng.integers(0, 40, anchors)
    centres = rng.uniform(40, 280, (40, 2))[clump] + rng.normal(0, 3, (anchors, 2))
    sides = rng.uniform(20, 90, (40, 2))[clump] * rng.uniform(0.9, 1.1, (anchors, 2))
    scores = np.round(rng.uniform(0, 1, (anchors, 1)), 2)
    rows = np.concatenate([centres, sides, scores, rng.normal(size=(anchors, 32))], axis=1)
    return np.ascontiguousarray(rows.T, np.float32)
