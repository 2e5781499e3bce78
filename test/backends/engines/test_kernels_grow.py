# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Boxes that grow on the GPU, on the CPU: where the host moves them, to the last bit."""

import numpy as np
import pytest
from random_masks import random_masks

from fastsam_ros.backends.tensorrt.cuda import Memory, Stream
from fastsam_ros.backends.tensorrt.growing import BoxGrower
from fastsam_ros.backends.tensorrt.prototypes import DevicePrototypes, Pool
from fastsam_ros.core import BackendError
from fastsam_ros.core.masks.shaping import grow


@pytest.fixture
def grower(kernels):
    made = BoxGrower(kernels, 0, 'network.engine')
    yield made
    made.close()


def on_gpu(prototypes):
    """Prototypes as a run of the network leaves them."""
    memory, stream = Memory.of(prototypes), Stream()
    made = DevicePrototypes(0, Pool(), prototypes.shape, prototypes.dtype)
    made.fill(stream, memory.address)
    stream.wait()
    return made


def smooth(size, seed=0):
    """Masks of large regions: their prototypes change slowly."""
    coefficients, prototypes, extents, letterbox = random_masks(*size, seed=seed)
    shape = prototypes.shape[1:]
    y, x = np.mgrid[: shape[0], : shape[1]]
    waves = np.random.default_rng(seed).uniform(0, 0.12, (32, 3, 1, 1))
    prototypes = np.sin(waves[:, 0] * x + waves[:, 1] * y + 40 * waves[:, 2]).astype(np.float32)
    return coefficients, prototypes, extents, letterbox


@pytest.mark.parametrize('size', [(96, 64), (108, 192), (300, 420)])
@pytest.mark.parametrize('kind', [np.float32, np.float16])
def test_boxes_are_the_hosts(grower, size, kind):
    coefficients, prototypes, extents, letterbox = smooth(size)
    prototypes = prototypes.astype(kind)
    expected = grow(coefficients, prototypes.astype(np.float32), extents, letterbox)
    assert (expected != extents).any(axis=1).sum() > 3
    got = grow(coefficients, on_gpu(prototypes), extents, letterbox, grower)
    np.testing.assert_array_equal(got, expected)


def test_without_large_boxes_nothing_runs(grower, cuda_runtime):
    coefficients, prototypes, extents, letterbox = smooth((96, 64))
    extents[:, 2:] = extents[:, :2] + 3
    there, before = on_gpu(prototypes), dict(cuda_runtime.allocated)
    np.testing.assert_array_equal(
        grow(coefficients, there, extents, letterbox, grower), extents)
    assert cuda_runtime.allocated == before


def test_a_gpu_that_fails_says_which_engine_it_was(grower, cuda_runtime):
    coefficients, prototypes, extents, letterbox = smooth((96, 64))
    there, cuda_runtime.memory = on_gpu(prototypes), 0
    with pytest.raises(BackendError, match=r'network\.engine: cudaMalloc: out of memory'):
        grow(coefficients, there, extents, letterbox, grower)
