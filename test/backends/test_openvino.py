# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What OpenVINO's runtime does about threads: streams, and networks that are compiled."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from fastsam_ros import models
from fastsam_ros.backends.processing import HostProcessing, Thresholds
from fastsam_ros.core.letterbox import Letterbox

pytest.importorskip('openvino')
openvino = pytest.importorskip('fastsam_ros.backends.openvino')
PATIENCE = 120  # seconds
SMALL, OTHER = (1, 64, 64, 3), (1, 64, 96, 3)


def load(streams=1):
    return openvino.load(models.resolve(''), 'cpu', 'fp32', streams)


def picture(shape):
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def test_streams_change_no_result():
    one, two = load(), load(2)
    batches = [picture(SMALL)] * 4
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(two.infer, batches))
    expected, anchors = one.infer(batches[0]), np.arange(8 * 8 + 4 * 4 + 2 * 2)
    for outputs in found:
        for output, right in zip(outputs[:2], expected):
            assert np.allclose(output, right, atol=1e-3, rtol=1e-3)
        names, right = outputs.names[0](anchors), expected.names[0](anchors)
        assert np.allclose(names, right, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize('cores, streams', [(1, 1), (2, 2), (4, 2), (5, 1), (64, 1)])
def test_streams_suit_the_number_of_cores(monkeypatch, cores, streams):
    monkeypatch.setattr(openvino, 'cores', lambda: cores)
    assert load(0).streams == streams
    assert load(3).streams == 3


def test_others_run_while_a_network_is_compiled(monkeypatch):
    backend = load()
    backend.infer(picture(SMALL))
    compiling, go_on = Event(), Event()
    compile_for = backend.compile_for

    def slowly(shape):
        compiling.set()
        assert go_on.wait(PATIENCE)
        return compile_for(shape)

    monkeypatch.setattr(backend, 'compile_for', slowly)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(backend.infer, picture(OTHER))
        assert compiling.wait(PATIENCE)
        assert backend.infer(picture(SMALL)).predictions.shape[0] == 1
        go_on.set()
        assert other.result(PATIENCE)[1].shape[2:] == (16, 24)


def test_a_network_is_compiled_once_for_callers_at_the_same_time(monkeypatch):
    backend = load()
    compiled = []
    compile_for = backend.compile_for
    monkeypatch.setattr(
        backend, 'compile_for', lambda shape: compiled.append(shape) or compile_for(shape))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(backend.infer, [picture(SMALL)] * 8))
    assert compiled == [SMALL]


def test_a_processor_runs_images_one_by_one():
    """A batch gains nothing there, and would need a network of its own, compiled for a second."""
    backend, images = load(), [*picture((2, *SMALL[1:]))]
    letterbox = Letterbox.fit(*SMALL[1:3], max(SMALL))
    found = HostProcessing(backend).infer(
        images, [letterbox] * 2, Thresholds(0.4, 0.9, 300))
    for inference, image in zip(found, images, strict=True):
        assert inference.image is image
        expected, anchors = backend.infer(image[None]), np.arange(8 * 8 + 4 * 4 + 2 * 2)
        for output, right in zip(inference.output[:2], expected):
            np.testing.assert_array_equal(output, right[0])
        np.testing.assert_array_equal(
            inference.output.names(anchors), expected.names[0](anchors))
    assert SMALL in backend.compiled
    assert (2, *SMALL[1:]) not in backend.compiled
