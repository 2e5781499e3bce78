# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How old results of a GPU are, through the real pipeline and the real order of its work."""

from statistics import median
import sys

from cpu_kernels import Launch
from device_simulation import Device
from fake_cuda_runtime import Copy
import numpy as np
import pytest
from timed_cuda import TimedRuntime
import torch

from fastsam_ros.backends import load
from fastsam_ros.backends.cuda import masks, processing
from fastsam_ros.backends.cuda.backend import DeviceOutput
from fastsam_ros.backends.processing import Thresholds
from fastsam_ros.backends.tensorrt import cuda, driver
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.decoding import decode
from fastsam_ros.ros.inference.threads import Pipeline

CPU = torch.device('cpu')
PERIOD, UPLOAD, NETWORK, RESULTS = 5, 1, [1] * 20, [1, 1]  # ms: camera, copy, kernels
FRAMES = 60
LETTERBOX, THRESHOLDS = Letterbox.fit(64, 64, 64), Thresholds(0.4, 0.9, 300)
UNPIPELINED = UPLOAD + sum(NETWORK) + sum(RESULTS)


class TorchDevice:
    """All that torch does on a simulated GPU."""

    def __init__(self, device, monkeypatch):
        self.device = device
        self.processing = processing.TorchProcessing(self.network, CPU, streams=device)
        self.processing._upload = self.upload
        monkeypatch.setattr(masks, 'decode', self.decode)

    def upload(self, image):
        self.device.run(UPLOAD)
        return torch.from_numpy(image)

    def network(self, batch, limits):
        self.device.run(*NETWORK)
        one = torch.ones(1)
        return DeviceOutput(
            torch.zeros(1, 37, 9), torch.zeros(1, 32, 16, 16), torch.zeros(1, 1, 37), one, one)

    def decode(self, coefficients, prototypes, extents, letterbox, fading):
        self.device.finish(self.device.run(*RESULTS))
        return decode(
            coefficients.numpy(), prototypes.numpy(), extents, letterbox, fading is not None)


class Robot:
    """
    A camera and the pipeline on a simulated GPU.

    :param processing: of images, on it
    """

    def __init__(self, device, processing):
        self.device, self.processing = device, processing
        self.ages, self.failures = [], []
        self.taken, self.published = 0, 0
        self.pipeline = Pipeline(
            self.infer, self.publish, lambda *dropped: None, self.failures.append)

    def infer(self, frames):
        self.taken += 1
        image = np.zeros((64, 64, 3), np.uint8)
        return frames['camera'], self.processing.infer([image], [LETTERBOX], THRESHOLDS)

    def publish(self, result):
        came, (inference,) = result
        self.processing.scene(inference)
        self.ages.append(self.device.now - came)
        with self.device.changed:
            self.published += 1
            self.device.changed.notify_all()

    def is_at_rest(self):
        """Both threads wait for the device, or the second one for the first."""
        idle = self.taken - self.published == 1  # what is taken is still in the network
        return self.failures or (self.device.waits('fastsam-network') and (
            idle or self.device.waits('fastsam-publish')))

    def drive(self):
        """Let simulated time go on whenever nobody has anything to do."""
        while len(self.ages) < FRAMES and not self.failures:
            if self.device.now % PERIOD == 0:
                self.pipeline.offer('camera', self.device.now)
            with self.device.changed:
                assert self.device.changed.wait_for(self.is_at_rest, 120)
            self.device.advance((self.device.now // PERIOD + 1) * PERIOD)
        return self.ages


@pytest.fixture
def drive(monkeypatch):
    """Ages of results, ms."""
    robots = []

    def run(one_stream):
        device = Device(one_stream)
        robots.append(Robot(device, TorchDevice(device, monkeypatch).processing))
        ages = robots[-1].drive()
        assert robots[-1].failures == []
        return ages

    yield run
    for robot in robots:
        robot.device.close()
        robot.pipeline.stop()


def test_results_are_hardly_older_than_without_a_pipeline(drive):
    ages = drive(one_stream=False)
    assert median(ages) <= 1.3 * UNPIPELINED
    assert max(ages) <= UNPIPELINED + PERIOD + sum(RESULTS) + 1


def test_what_the_simulation_shows_of_a_single_stream(drive):
    """What follows a network waits for the next one: this is what the streams are for."""
    assert median(drive(one_stream=True)) > 1.6 * UNPIPELINED


@pytest.fixture
def cuda_runtime(monkeypatch):
    """CUDA whose work takes simulated time."""
    runtime = TimedRuntime(Device(), takes)
    monkeypatch.setattr(cuda, 'runtime', runtime)
    monkeypatch.setattr(driver, 'driver', runtime.driver)
    return runtime


def takes(work):
    """Milliseconds of each kernel or copy."""
    if isinstance(work, Copy):
        return [UPLOAD] if work.count == 64 * 64 * 3 else []
    if isinstance(work, Launch):
        return RESULTS if work.name == 'trace' else []
    return NETWORK if work.__qualname__.startswith('Context') else []  # the engine


def test_without_torch_they_are_no_older(cuda_engine, cuda_runtime):
    """Kernels, copies and the engine take their time in the order in which CUDA would do them."""
    backend = load(cuda_engine, device='cuda:0')
    sys.modules['tensorrt'].engines[-1].network = one_segment
    robot = Robot(cuda_runtime.simulated, backend.processing)
    try:
        ages = robot.drive()
        assert robot.failures == []
        assert cuda_runtime.launches > FRAMES / 2  # of graphs
        assert median(ages) <= 1.3 * UNPIPELINED
    finally:
        robot.device.close()
        robot.pipeline.stop()


def one_segment(pictures):
    """An engine's outputs, at once."""
    predictions, prototypes = np.zeros((1, 117, 84)), np.ones((1, 32, 16, 16))
    predictions[0, :37, 0] = [32, 32, 20, 20, 0.9, *[1] * 32]
    return predictions, prototypes
