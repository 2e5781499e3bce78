# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The pictures of the README and the tutorial, made by the program that they show.

    python docs/pictures.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from fastsam_ros.app.drawing import draw
from fastsam_ros.app.marks import mark_prompt
from fastsam_ros.app.views import cover
from fastsam_ros.core import FastSam, Prompt, Scene

FOLDER = Path(__file__).with_name('images')
PANEL = (600, 400)  # pixels, width before height
GAP = 8  # pixels between panels

# The panels of the overview: a photograph of scikit-image, and what is asked about it.
OVERVIEW: Sequence[tuple[str, Sequence[Prompt]]] = [
    ('rocket', []),
    ('rocket', [Prompt(points=[(322, 235)])]),
    ('astronaut', [Prompt(points=[(183, 338), (225, 110)], labels=[1, 0], selection='union')]),
    ('coins', [Prompt(box=(15, 60, 250, 175), selection='all')]),
]


def everything(scene: Scene, picture: np.ndarray) -> np.ndarray:
    """All segments over the picture: (H, W, 3) uint8 RGB."""
    return draw(picture, scene.run_lengths(), range(1, len(scene) + 1))


def answered(scene: Scene, picture: np.ndarray, prompts: Sequence[Prompt]) -> np.ndarray:
    """What answers some prompts, and the prompts, over the picture: (H, W, 3) uint8 RGB."""
    found = [
        (run, int(index) + 1)
        for answer in scene.answer(prompts)
        for run, index in zip(answer.run_lengths(), answer.indices)
    ]
    painted = draw(picture, *zip(*found), opacity=0.65)
    for prompt in prompts:
        mark_prompt(painted, prompt)
    return painted


def grid(panels: Sequence[np.ndarray]) -> np.ndarray:
    """Four panels, two by two, on white: (H, W, 3) uint8 RGB."""
    bordered = [
        cv2.copyMakeBorder(
            cover(panel, *PANEL), 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for panel in panels
    ]
    rows = [np.hstack(bordered[i : i + 2]) for i in range(0, len(bordered), 2)]
    return np.vstack(rows)[:-GAP, :-GAP]


def save(name: str, picture: np.ndarray) -> None:
    """Write a picture, (H, W, 3) uint8 RGB, into the folder of the docs."""
    cv2.imwrite(str(FOLDER / name), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def shown(model: FastSam, name: str, prompts: Sequence[Prompt]) -> np.ndarray:
    """One of scikit-image's photographs with what answers prompts, or everything, painted over."""
    picture = getattr(skimage.data, name)()
    picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    scene = model(picture)
    return answered(scene, picture, prompts) if prompts else everything(scene, picture)


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    model = FastSam(precision='fp32')
    save('overview.png', grid([shown(model, *panel) for panel in OVERVIEW]))
    save('tutorial-everything.png', shown(model, 'coffee', []))
    save('tutorial-click.png', shown(model, 'coffee', [Prompt(points=[(300, 120)])]))


if __name__ == '__main__':
    main()
