# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Matrix products that stay in the thread that asks for them."""

from __future__ import annotations

import numpy as np

# Multiplications up to which OpenBLAS does not share a product out between threads. Its threads
# wait for each other without sleeping; beside a network that uses all cores a product of 1 ms
# took 200 ms that way.
LIMIT = 1 << 18


def multiply(left: np.ndarray, right: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """
    `left @ right`, in pieces that the linear algebra library computes in this thread.

    :param left: (N, K) float32
    :param right: (..., K, M) float32
    :param out: (..., N, M) float32, written into when it is given; any strides
    :return: (..., N, M) float32
    """
    if out is None:
        out = np.empty((*right.shape[:-2], len(left), right.shape[-1]), np.float32)
    step = max(LIMIT // max(right.shape[-2] * right.shape[-1], 1), 1)
    for start in range(0, len(left), step):
        rows = slice(start, start + step)
        np.matmul(left[rows], right, out=out[..., rows, :])
    return out
