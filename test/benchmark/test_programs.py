# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the benchmark measures is what it says: thresholds, networks, memory, CASIA's masks."""

from pathlib import Path
import subprocess
import sys

import numpy as np
import pytest
import torch

from benchmark import prompts, stages
from benchmark.gpu import pictures as gpu
from benchmark.rig import networks, peers, pictures
from benchmark.rig.networks import Network
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.fastsam import FastSam
from fastsam_ros.models import shipped

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope='module')
def network(weights, tmp_path_factory):
    """The model that ships, without a cache folder."""
    from reference import write_checkpoint

    checkpoint = write_checkpoint(weights, tmp_path_factory.mktemp('network') / 'fastsam-n.pt')
    return Network('fastsam-n', weights, shipped(), checkpoint, '')


def test_frames_differ_and_have_the_size():
    images = pictures.frames(96, 170)
    assert [image.shape for image in images] == [(96, 170, 3)] * len(pictures.FRAMES)
    assert all((images[0] != image).any() for image in images[1:])


def test_a_threshold_finds_so_many_segments():
    images = pictures.frames(240, 320)
    model = FastSam(device='cpu', precision='fp32', image_size=320)
    before = model.confidence, model.max_segments
    found = pictures.threshold(model, images, 12)
    assert (model.confidence, model.max_segments) == before
    model.confidence = found
    assert abs(sum(len(model(image)) for image in images) - 12 * len(images)) <= 2


def test_random_weights_are_the_same_each_time_and_tell_places_apart(tmp_path):
    files = [tmp_path / 'a.safetensors', tmp_path / 'b.safetensors']
    for file in files:
        networks.draw('yolov8n-seg.yaml', file)
    assert files[0].read_bytes() == files[1].read_bytes()
    model = FastSam(str(files[0]), device='cpu', precision='fp32', image_size=320)
    images = pictures.frames(240, 320)
    model.confidence = pictures.threshold(model, images, 20)
    assert sum(len(model(image)) for image in images) / len(images) == pytest.approx(20, abs=2)
    assert 0.01 < model.confidence < 0.9999


def test_memory_at_its_highest_point():
    # In a process of its own: other tests' threads take and give back memory meanwhile.
    program = (
        'import numpy as np; from benchmark.rig.peak import peak; '
        'print(peak(lambda: int(np.ones(40_000_000, np.uint8).sum())))')
    done = subprocess.run(
        [sys.executable, '-c', program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert 30 < float(done.stdout.split()[-1]) < 60


def test_casias_masks_are_upsampled_ones():
    letterbox = Letterbox.fit(96, 128, 128)
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.normal(size=(1, 4, 6, 8)).astype(np.float32))
    prototypes = torch.nn.functional.interpolate(coarse, (24, 32), mode='bicubic')[0]
    boxes = torch.tensor([[0.0, 0, 128, 96], [10, 20, 60, 70]])
    masks = peers.native_masks(torch.eye(4)[:2], prototypes, boxes, letterbox)
    full = torch.nn.functional.interpolate(prototypes[None, :2], (96, 128), mode='bilinear')[0] > 0
    assert masks.shape == (2, 96, 128)
    assert (masks[0].bool() != full[0]).float().mean() < 0.01
    assert masks[1, :20].sum() == masks[1, :, 60:].sum() == 0
    assert (masks[1, 20:70, 10:60].bool() != full[1, 20:70, 10:60]).float().mean() < 0.01


def test_all_stages_are_timed(network):
    model = FastSam(str(network.onnx), device='cpu', confidence=0.2, image_size=320)
    taken = stages.once(model, pictures.frames(240, 320)[0])
    assert tuple(taken) == stages.STAGES


def test_prompts_find_something(network):
    model = FastSam(str(network.onnx), device='cpu', confidence=0.1, image_size=320)
    scenes = [model(image) for image in pictures.frames(240, 320)]
    programs = prompts.programs(scenes)
    assert len(programs['1000 points, a prompt each'](0)) == 1000
    assert len(programs['1000 points, one prompt'](0)) > 3
    assert sum(len(programs['one box'](turn)) for turn in range(8)) > 3


def test_the_gpu_part_runs_on_the_cpu_too(network):
    rows = gpu.measure(network, 120, 160, 160, segments=5, rounds=1, device='cpu', warm_up=0)
    assert [row.times.median > 0 for row in rows] == [True] * 4
    images = pictures.frames(120, 160)
    model = FastSam(str(network.weights), device='cpu', image_size=160)
    model.confidence = pictures.threshold(model, images, 5)
    found = np.mean([len(model(image)) for image in images])
    assert {row.about['segments'] for row in rows} == {round(found, 1)}
    # Ultralytics computes in float32 on a CPU, whatever it is told.
    assert [row.about['precision'] for row in rows] == ['fp32'] * 4


def test_each_program_on_the_gpu_says_its_own_precision(network, monkeypatch):
    class Peer:
        def __init__(self, checkpoint, *, half, **settings):
            self.precision = 'fp16' if half else 'fp32'

        def __call__(self, image):
            return 0

    monkeypatch.setattr(gpu, 'Ultralytics', Peer)
    monkeypatch.setattr(FastSam, 'precision', 'bf16')
    rows = gpu.measure(network, 120, 160, 160, segments=5, rounds=1, device='cpu', warm_up=0)
    assert {row.program: row.about['precision'] for row in rows} == {
        gpu.OURS: 'bf16', gpu.BARE: 'bf16', gpu.RETINA: 'fp32', gpu.HALF: 'fp16'}
