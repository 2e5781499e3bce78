# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
All about a GPU in one call, on a bare machine, within eight minutes.

    python -m benchmark.gpu.suite --output docs/benchmark

What matters most comes first. What was measured until the time is up is in gpu.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
import sys
import time

import numpy as np
import torch

from benchmark.gpu import runtimes
from benchmark.report import machine
from benchmark.report.tables import plain_table
from benchmark.rig import networks
from benchmark.rig.peers import Ultralytics
from benchmark.rig.pictures import frames, threshold
from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.inference.threads import Pipeline

SECONDS = 480.0
SEGMENTS = 100  # an image
ROUNDS = 30
WATCHED = 3.0  # seconds in which ages are taken
HEIGHT, WIDTH = 1080, 1920


@dataclass(frozen=True)
class Plan:
    """
    One row of the table.

    :param network: its name
    :param image_size: longer side of its input, pixels
    :param cameras: that send at the same time
    :param runtime: of `benchmark.gpu.runtimes`
    """

    network: str
    image_size: int
    cameras: int
    runtime: str = runtimes.TORCH


def plans() -> Iterator[Plan]:
    """What matters most comes first; each once."""
    first = [
        Plan(name, image_size, 1, runtime)
        for name, image_size in (('FastSAM-x', 1024), ('fastsam-n', 640))
        for runtime in (runtimes.TORCH, runtimes.TENSORRT, runtimes.ALONE)]
    others = [
        Plan(name, image_size, cameras, runtime)
        for together in ((runtimes.TORCH,), (runtimes.TENSORRT, runtimes.ALONE))
        for name in ('fastsam-n', 'FastSAM-s', 'FastSAM-x')
        for image_size in (640, 1024)
        for cameras in (1, 2, 4, 8)
        for runtime in together]
    yield from dict.fromkeys(first + others)


def measure(
    plan: Plan, device: str, size: tuple[int, int], rounds: int, seconds: float
) -> dict[str, object]:
    """
    One row: milliseconds from images on the host to run lengths on the host, and what it takes.

    :param size: of the images, height and width, pixels
    :param rounds: of each program
    :param seconds: in which ages are taken
    """
    network = networks.get(plan.network)
    images, before = frames(*size), _megabytes(device)
    model = runtimes.load(plan.runtime, network, plan.image_size, plan.cameras, device)
    model.confidence = threshold(model, images, SEGMENTS)
    batch = [images[index % len(images)] for index in range(plan.cameras)]
    model.warm_up(*size, cameras=plan.cameras)
    recorded = _median(lambda: model.batch(batch), rounds)
    with runtimes.unrecorded():
        unrecorded = _median(lambda: model.batch(batch), rounds)
    bare, after = _bare(model, plan, size, rounds), _megabytes(device)
    of_peer = plan.cameras == 1 and plan.runtime == runtimes.TORCH
    row = {
        'runtime': plan.runtime, 'precision': model.precision,
        'model': plan.network, 'image size': plan.image_size, 'cameras': plan.cameras,
        'segments': round(float(np.mean([len(scene) for scene in model.batch(batch)]))),
        'ms': recorded, 'ms without a graph': unrecorded,
        'ms bare network': bare,
        'ms ultralytics': _ultralytics(network, model, images, rounds) if of_peer else '',
        'age ms': round(ages(model, batch, recorded / 1e3 * 0.9, seconds), 1),
        'MB': '' if after is None else round(after - before),
    }
    model.close()
    return row


def ages(
    model: FastSam, images: Sequence[np.ndarray], period: float, seconds: float
) -> float:
    """
    Median age of results, ms, through the node's own threads.

    :param images: one a camera
    :param period: seconds between two frames of a camera
    :param seconds: to watch
    """
    found: list[float] = []
    failed: list[Exception] = []

    def infer(taken: dict[str, tuple[float, np.ndarray]]) -> tuple:
        return [came for came, _ in taken.values()], model.infer(
            [image for _, image in taken.values()])

    def publish(result: tuple) -> None:
        came, inferences = result
        model.scenes(inferences)
        found.extend(1e3 * (time.perf_counter() - then) for then in came)

    pipeline = Pipeline(
        infer, publish, lambda *dropped: None, failed.append, model.streams, model.batches)
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or not (found or failed):
        for name, image in enumerate(images):
            pipeline.offer(str(name), (time.perf_counter(), image))
        time.sleep(period)
    pipeline.stop()
    if failed:
        raise failed[0]
    return median(found)


def _median(program: Callable[[], object], rounds: int) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        program()
        taken.append(1e3 * (time.perf_counter() - start))
    return round(median(taken), 2)


def _bare(model: FastSam, plan: Plan, size: tuple[int, int], rounds: int) -> float | str:
    """The network alone, on a batch that lies on the device as a tensor of torch."""
    if plan.runtime == runtimes.ALONE:
        return ''
    letterbox = model._fit(*size)
    shape = plan.cameras, letterbox.input_height, letterbox.input_width, 3
    batch = torch.full(shape, 114, dtype=torch.uint8, device=model.device)

    def run() -> None:
        model._backend.run(batch)
        if batch.is_cuda:
            torch.cuda.synchronize()

    for _ in range(3):
        run()
    return _median(run, rounds)


def _ultralytics(
    network: networks.Network, model: FastSam, images: Sequence[np.ndarray], rounds: int
) -> float:
    """In float16, with masks at the image's size."""
    peer = Ultralytics(
        network.checkpoint, retina=True, half=True, confidence=model.confidence,
        image_size=model.image_size, device=model.device)
    bgr = np.ascontiguousarray(images[0][..., ::-1])
    peer(bgr)
    return _median(lambda: peer(bgr), max(rounds // 3, 1))


def _megabytes(device: str) -> float | None:
    """Of the device's memory that is in use, by whomever; TensorRT's is not torch's."""
    if not device.startswith('cuda') or not torch.cuda.is_available():
        return None
    torch.cuda.empty_cache()
    free, total = torch.cuda.mem_get_info(device)
    return (total - free) / 1e6


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure until the time is up."""
    parser = argparse.ArgumentParser('python -m benchmark.gpu.suite')
    parser.add_argument('--output', type=Path, default=Path('benchmark-results'))
    parser.add_argument('--seconds', type=float, default=SECONDS)
    parser.add_argument('--device', default='cuda')
    options = parser.parse_args(arguments)
    if options.device.startswith('cuda') and not torch.cuda.is_available():
        print('nothing measured: torch sees no CUDA device; check nvidia-smi, and that torch is a '
              'CUDA build', file=sys.stderr)
        return 1
    options.output.mkdir(parents=True, exist_ok=True)
    rows = []
    possible = (plan for plan in plans() if runtimes.is_there(plan.runtime))
    for plan in in_time(possible, options.seconds):
        rows.append(measure(plan, options.device, (HEIGHT, WIDTH), ROUNDS, WATCHED))
        text = report(rows)
        (options.output / 'gpu.md').write_text(text, encoding='utf-8')
    print(text)
    return 0


def in_time(wanted: Iterator[Plan], seconds: float) -> Iterator[Plan]:
    """
    As many as fit, if none takes longer than the longest of its kind so far.

    Rows of TensorRT are a kind of their own: for most of them an engine is built.
    """
    end = time.monotonic() + seconds
    longest: dict[bool, float] = {}
    for plan in wanted:
        begun, kind = time.monotonic(), plan.runtime == runtimes.TORCH
        if begun + longest.get(kind, max(longest.values(), default=0)) > end:
            continue
        yield plan
        longest[kind] = max(longest.get(kind, 0), time.monotonic() - begun)


def report(rows: Sequence[dict[str, object]]) -> str:
    """The table as a page."""
    return (
        f'# On a GPU\n\n`python -m benchmark.gpu.suite`, {machine.sentence(machine.describe())}.\n'
        f'Images of {WIDTH}x{HEIGHT}, about {SEGMENTS} segments, from host to run lengths on the '
        'host; medians.\n\n' + plain_table([{'section': 'gpu', **row} for row in rows]) + '\n')


if __name__ == '__main__':
    raise SystemExit(main())
