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
from fastsam_ros.core import FastSam, Prompt, Scene

FOLDER = Path(__file__).with_name('images')
PANEL = (600, 400)  # pixels, width before height
GAP = 8  # pixels between panels

# What the panels of the overview ask about the photograph of a cup.
PROMPTS: Sequence[Sequence[Prompt]] = [
    [Prompt(points=[(300, 120)])],
    [Prompt(points=[(420, 330), (300, 120)], labels=[1, 0], selection='union')],
    [Prompt(box=(395, 60, 470, 330)), Prompt(box=(215, 255, 275, 310))],
]


def everything(scene: Scene, picture: np.ndarray) -> np.ndarray:
    """All segments over the picture: (H, W, 3) uint8 RGB."""
    return draw(picture, scene.run_lengths(), range(1, len(scene) + 1))


def answered(scene: Scene, picture: np.ndarray, prompts: Sequence[Prompt]) -> np.ndarray:
    """What answers some prompts, and the prompts, over the picture: (H, W, 3) uint8 RGB."""
    answers = scene.answer(prompts)
    runs = [run for answer in answers for run in answer.run_lengths()]
    ids = [int(index) + 1 for answer in answers for index in answer.indices[: len(runs)]]
    painted = draw(picture, runs, ids[: len(runs)], opacity=0.65)
    for prompt in prompts:
        mark_prompt(painted, prompt)
    return painted


def grid(panels: Sequence[np.ndarray]) -> np.ndarray:
    """Four panels, two by two, on white: (H, W, 3) uint8 RGB."""
    bordered = [
        cv2.copyMakeBorder(
            cv2.resize(panel, PANEL, interpolation=cv2.INTER_AREA), 0, GAP, 0, GAP,
            cv2.BORDER_CONSTANT, value=(255, 255, 255))
        for panel in panels
    ]
    rows = [np.hstack(bordered[i : i + 2]) for i in range(0, len(bordered), 2)]
    return np.vstack(rows)[:-GAP, :-GAP]


def save(name: str, picture: np.ndarray) -> None:
    """Write a picture, (H, W, 3) uint8 RGB, into the folder of the docs."""
    cv2.imwrite(str(FOLDER / name), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    picture = skimage.data.coffee()
    scene = FastSam(precision='fp32')(picture)
    whole = everything(scene, picture)
    clicked = [answered(scene, picture, prompts) for prompts in PROMPTS]
    save('overview.png', grid([whole, *clicked]))
    save('tutorial-everything.png', whole)
    save('tutorial-click.png', clicked[0])


if __name__ == '__main__':
    main()
