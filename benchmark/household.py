# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Eight things of a household in five views each, rendered: pictures and masks to teach words by.

    python -m benchmark.household FOLDER
    fastsam evaluate FOLDER --task words

Each thing stands on the demo's table among others, which change from view to view; so do the
camera, the light, and where and how the thing stands.
"""

from __future__ import annotations

from dataclasses import replace
import math
from pathlib import Path
import sys

import cv2
import numpy as np

from fastsam_ros.demo.room import ROOM, TABLE, Solid, camera_of, pose_at, render

VIEWS, SIZE = 5, (640, 480)
THINGS = (
    Solid('book', (0, 0, 0), (0.22, 0.16, 0.05), (150, 30, 60), texture='stripes'),
    Solid('cereal box', (0, 0, 0), (0.2, 0.08, 0.3), (235, 190, 50), texture='checks'),
    Solid('milk carton', (0, 0, 0), (0.1, 0.1, 0.24), (70, 130, 210)),
    Solid('orange ball', (0, 0, 0), (0.14, 0.14, 0.14), (240, 130, 30)),
    Solid('football ball', (0, 0, 0), (0.22, 0.22, 0.22), (215, 215, 220), texture='checks'),
    Solid('tool box', (0, 0, 0), (0.3, 0.18, 0.16), (40, 120, 70), texture='stripes'),
    Solid('tissue box', (0, 0, 0), (0.22, 0.12, 0.1), (150, 110, 190)),
    Solid('loaf', (0, 0, 0), (0.28, 0.12, 0.12), (140, 90, 50), texture='wood'),
)
OTHERS = (
    Solid('other', (0, 0, 0), (0.16, 0.12, 0.2), (90, 90, 95)),
    Solid('other ball', (0, 0, 0), (0.16, 0.16, 0.16), (30, 60, 110)),
    Solid('other', (0, 0, 0), (0.12, 0.2, 0.12), (205, 160, 150), texture='checks'),
    Solid('other', (0, 0, 0), (0.18, 0.1, 0.26), (110, 150, 150), texture='stripes'),
    Solid('other ball', (0, 0, 0), (0.12, 0.12, 0.12), (190, 40, 120)),
)
PLACES = ((-0.4, -0.15), (-0.05, -0.2), (0.35, -0.18), (-0.25, 0.22), (0.2, 0.2))


def place(solid: Solid, where: tuple[float, float], rng: np.random.Generator) -> Solid:
    """On the table, turned anyhow."""
    x, y = np.array(where) + rng.uniform(-0.05, 0.05, 2)
    centre = (float(x), float(y), TABLE + solid.size[2] / 2)
    return replace(solid, centre=centre, yaw=float(rng.uniform(-60, 60)))


def make_view(thing: Solid, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """
    A view of a thing among three others.

    :return: (H, W, 3) uint8 RGB, and (H, W) bool where the thing is seen
    """
    places = rng.permutation(PLACES)
    others = [place(OTHERS[n], where, rng)
              for n, where in zip(rng.permutation(len(OTHERS))[:3], places[1:])]
    camera, pose = camera_of(*SIZE), pose_at(float(rng.uniform(0, 16)))
    with_it, depth = render((place(thing, places[0], rng), *others, *ROOM), camera, pose)
    _, without = render((*others, *ROOM), camera, pose)
    light = with_it * math.exp(rng.normal(0, 0.15)) * np.exp(rng.normal(0, 0.03, 3))
    noisy = light + rng.normal(0, 3, light.shape)
    return noisy.clip(0, 255).astype(np.uint8), depth < without - 1e-4


def main(folder: Path) -> None:
    """Write a folder a thing."""
    for number, thing in enumerate(THINGS):
        rng = np.random.default_rng(number)
        for kind in ('images', 'masks'):
            (folder / thing.name / kind).mkdir(parents=True, exist_ok=True)
        for view in range(VIEWS):
            picture, mask = make_view(thing, rng)
            base = folder / thing.name
            cv2.imwrite(str(base / f'images/{view}.png'), picture[..., ::-1])
            cv2.imwrite(str(base / f'masks/{view}.png'), mask.astype(np.uint8) * 255)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
