# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Memory that a picture takes at most, above what was taken before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmark.images import COARSE, OURS, RETINA
from benchmark.rig.networks import Network
from benchmark.rig.peak import peak
from benchmark.rig.peers import Ultralytics
from benchmark.rig.pictures import frames, threshold
from fastsam_ros.fastsam import FastSam

HEIGHT, WIDTH = 1080, 1920


def measure(network: Network, segments: int) -> list[dict[str, object]]:
    """One entry a program: megabytes from one picture to all its masks."""
    image = frames(HEIGHT, WIDTH)[0]
    model = FastSam(str(network.onnx), device='cpu')
    model.confidence = threshold(model, [image], segments)
    settings = {'confidence': model.confidence, 'image_size': model.image_size}
    programs: dict[str, Callable[[], object]] = {
        OURS: lambda: model(image).run_lengths()}
    backwards = np.ascontiguousarray(image[..., ::-1])
    for name, retina in ((RETINA, True), (COARSE, False)):
        peer = Ultralytics(network.checkpoint, retina=retina, **settings)
        programs[name] = partial(peer, backwards)
    return [
        {'section': 'memory', 'model': network.name, 'size': f'{WIDTH}x{HEIGHT}',
         'program': name, 'segments': segments, 'megabytes': round(peak(program), 1)}
        for name, program in programs.items()
    ]
