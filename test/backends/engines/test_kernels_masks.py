# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Masks of the GPU, on the CPU: the host's, to the last bit where nothing fades."""

from cpu_kernels import library
import numpy as np
from oracles.masks import whole
import pytest
from random_masks import random_masks

from fastsam_ros.backends.tensorrt import decoding
from fastsam_ros.backends.tensorrt.cuda import Memory, Stream
from fastsam_ros.backends.tensorrt.decoding import CudaDecoder
from fastsam_ros.backends.tensorrt.prototypes import SPARE, DevicePrototypes, Pool
from fastsam_ros.core import BackendError
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import decode
from fastsam_ros.core.masks.fading import Fading

SIZES = [(48, 64), (96, 64), (108, 192), (37, 53), (16, 80)]


@pytest.fixture
def decoder(kernels):
    made = CudaDecoder(kernels, 0, 'network.engine')
    yield made
    made.close()


def on_gpu(prototypes, pool=None):
    """Prototypes as a run of the network leaves them."""
    memory, stream = Memory.of(prototypes), Stream()
    made = DevicePrototypes(0, pool or Pool(), prototypes.shape, prototypes.dtype)
    made.fill(stream, memory.address)
    stream.wait()
    memory.close()
    return made


def assert_equal(got, expected):
    for one, other in zip(got, expected, strict=True):
        assert [getattr(one, name) for name in ('x', 'y', 'width', 'height', 'area')] == [
            getattr(other, name) for name in ('x', 'y', 'width', 'height', 'area')]
        np.testing.assert_array_equal(one.counts, other.counts)


@pytest.mark.parametrize('size', SIZES)
@pytest.mark.parametrize('kind', [np.float32, np.float16])
def test_run_lengths_are_the_hosts(decoder, size, kind):
    coefficients, prototypes, extents, letterbox = random_masks(*size)
    prototypes = prototypes.astype(kind)
    expected = decode(coefficients, prototypes.astype(np.float32), extents, letterbox)
    assert sum(runs.area > 0 for runs in expected) > 10
    assert_equal(decoder(coefficients, on_gpu(prototypes), extents, letterbox), expected)


@pytest.mark.parametrize('size', SIZES)
def test_masks_that_fade(decoder, size):
    """Ramps are in single precision here: one pixel of 100,000 may differ."""
    coefficients, prototypes, extents, letterbox = random_masks(*size)
    fading = Fading.of(extents, letterbox)
    expected = decode(coefficients, prototypes, extents, letterbox, fades=True)
    cut = decode(coefficients, prototypes, extents, letterbox)
    assert sum(a.area > b.area for a, b in zip(expected, cut)) > 5
    got = decoder(coefficients, on_gpu(prototypes), extents, letterbox, fading)
    different = sum((whole(one, *size) != whole(other, *size)).sum()
                    for one, other in zip(got, expected))
    assert different <= 1e-5 * sum(runs.area for runs in expected)


def test_masks_of_a_photograph(decoder, model, astronaut):
    scene = model(astronaut[:128, :160])
    arrays = scene.extents, scene.letterbox
    expected = decode(scene.coefficients, scene.prototypes, *arrays)
    assert_equal(decoder(scene.coefficients, on_gpu(scene.prototypes), *arrays), expected)


@pytest.mark.parametrize(('elements', 'room'), [(1, 2), (3000, 2), (1 << 22, 0.5)])
def test_in_parts_and_with_too_little_room(decoder, monkeypatch, elements, room):
    """Each part fits the memory; runs that find no room are asked for again."""
    coefficients, prototypes, extents, letterbox = random_masks(48, 64)
    monkeypatch.setattr(decoding, 'ELEMENTS', elements)
    monkeypatch.setattr(decoding, 'RUNS_PER_ROW', room)
    expected = decode(coefficients, prototypes, extents, letterbox)
    assert_equal(decoder(coefficients, on_gpu(prototypes), extents, letterbox), expected)


def test_what_rounds_to_0_between_two_logits_inside_is_inside(decoder):
    """As in the last rows, where 1 + (1e-8 - 1) * 1 is 0 in single precision."""
    letterbox = Letterbox.fit(48, 64, 64)
    prototypes = np.zeros((32, 12, 16), np.float32)
    prototypes[0], prototypes[0, -1] = 1, 1e-8
    coefficients, box = np.eye(1, 32, dtype=np.float32), np.array([[0, 0, 64, 48]], np.float32)
    runs, = decode(coefficients, prototypes, box, letterbox)
    assert runs.area == 64 * 48
    assert_equal(decoder(coefficients, on_gpu(prototypes), box, letterbox), [runs])


@pytest.mark.parametrize('count', [0, 1])
def test_nothing_in_nothing_out(decoder, count):
    coefficients, prototypes, _, letterbox = random_masks(48, 64)
    boxes = np.zeros((count, 4), np.float32)
    got = decoder(coefficients[:count], on_gpu(prototypes), boxes, letterbox)
    assert [runs.area for runs in got] == [0] * count


@pytest.mark.parametrize('sign', [-1, 1])
def test_all_or_nothing_of_a_box(decoder, sign):
    letterbox = Letterbox.fit(48, 64, 64)
    box = np.array([[8, 4, 40, 20], [0, 0, 64, 48]], np.float32)
    prototypes = on_gpu(np.ones((32, 12, 16), np.float32))
    got = decoder(np.full((2, 32), sign, np.float32), prototypes, box, letterbox)
    expected = [[0, 512], [0, 3072]] if sign > 0 else [[], []]
    assert [runs.counts.tolist() for runs in got] == expected


def test_masks_go_before_the_next_images_network(decoder, cuda_runtime):
    assert cuda_runtime.priorities[decoder._stream.handle] < 0


def test_a_gpu_that_fails_says_which_engine_it_was(decoder, cuda_runtime):
    coefficients, prototypes, extents, letterbox = random_masks(48, 64)
    there = on_gpu(prototypes)
    cuda_runtime.memory = 0
    with pytest.raises(BackendError, match=r'network\.engine: cudaMalloc: out of memory'):
        decoder(coefficients, there, extents, letterbox)
    cuda_runtime.memory = 1 << 30
    decoder(coefficients, there, extents, letterbox)


def test_numbers_of_16_bits():
    """All of them."""
    bits = np.arange(1 << 16, dtype=np.uint16)
    expected = bits.view(np.float16).astype(np.float32)
    got = np.array([library().widened_half(int(one)) for one in bits], np.float32)
    np.testing.assert_array_equal(got, expected)
    assert (np.signbit(got) == np.signbit(expected))[np.isfinite(expected)].all()


def test_memory_of_prototypes_goes_round(kernels, cuda_runtime):
    pool, array = Pool(), np.arange(32 * 4, dtype=np.float32).reshape(32, 2, 2)
    first = on_gpu(array, pool)
    np.testing.assert_array_equal(np.asarray(first), array)
    np.testing.assert_array_equal(np.asarray(first, np.float64), array)
    assert (first.shape, first.nbytes) == (array.shape, array.nbytes)
    address, second = first.address, on_gpu(array + 1, pool)
    np.testing.assert_array_equal(np.asarray(first), array)
    del first
    third = on_gpu(array + 2, pool)
    assert third.address == address != second.address
    np.testing.assert_array_equal(np.asarray(third), array + 2)
    pool.close()
    del second, third
    assert cuda_runtime.allocated == {}


def test_memory_of_two_sizes_goes_round(cuda_runtime):
    """Cameras of two shapes in turn: nothing is freed and allocated for each frame."""
    pool = Pool()
    for _ in range(3):
        taken = [pool.take(size) for size in (100, 200)]
        assert len(cuda_runtime.allocated) == 2
        for memory in taken:
            pool.give(memory)
    del taken, memory
    for size in range(300, 320):
        pool.give(pool.take(size))
    assert len(cuda_runtime.allocated) == SPARE
    pool.close()
    assert cuda_runtime.allocated == {}
