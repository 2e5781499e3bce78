# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The pictures of the README and the tutorial, made by the program that they show.

    python docs/images/pictures.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import skimage.data

from fastsam_ros.core import Prompt, Scene
from fastsam_ros.demo.views import Wander, cover, photographs
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.drawing.prompt_marks import mark_prompt
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.identities import Identities

FOLDER = Path(__file__).parent
PANEL = (600, 400)  # pixels, width before height
GAP = 8  # pixels between panels
SETTINGS = {'.png': [cv2.IMWRITE_PNG_COMPRESSION, 9], '.jpg': [cv2.IMWRITE_JPEG_QUALITY, 85]}
VIEW = (854, 480)  # of the demo camera, pixels, width before height

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
    cv2.imwrite(str(FOLDER / name), picture[..., ::-1], SETTINGS[Path(name).suffix])


def shown(model: FastSam, name: str, prompts: Sequence[Prompt]) -> np.ndarray:
    """One of scikit-image's photographs with what answers prompts, or everything, painted over."""
    picture = getattr(skimage.data, name)()
    picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
    scene = model(picture)
    return answered(scene, picture, prompts) if prompts else everything(scene, picture)


def followed(model: FastSam, name: str, times: Sequence[float], rate: float = 10) -> np.ndarray:
    """
    A thing that is followed while the demo camera wanders, side by side.

    :param name: of one of scikit-image's photographs; what is in its view's middle is followed
    :param times: of the panels, seconds, in order; it is followed from the first one on
    :param rate: frames a second in between
    :return: (H, W, 3) uint8 RGB
    """
    files = [path for path in photographs() if path.stem == name]
    view, tracker, panels = Wander(files, *VIEW), Identities(), []
    wanted = None
    for number in range(round(times[0] * rate), round(times[-1] * rate) + 1):
        picture = view(number / rate)
        scene = model(picture)
        ids = tracker.update(scene.boxes)
        if wanted is None:
            wanted = ids[scene.prompt(points=[(VIEW[0] / 2, VIEW[1] / 2)]).indices[0]]
        if number in [round(seconds * rate) for seconds in times]:
            runs = scene.run_lengths(np.flatnonzero(ids == wanted))
            painted = draw(picture, runs, [int(wanted)] * len(runs), opacity=0.65)
            panels.append(cv2.resize(painted, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    gap = np.full((panels[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([part for panel in panels for part in (panel, gap)][:-1])


def main() -> None:
    """Make all pictures."""
    FOLDER.mkdir(exist_ok=True)
    model = FastSam(precision='fp32')
    save('overview.png', grid([shown(model, *panel) for panel in OVERVIEW]))
    save('tutorial-everything.png', shown(model, 'coffee', []))
    save('tutorial-click.png', shown(model, 'coffee', [Prompt(points=[(300, 120)])]))
    save('tutorial-following.jpg', followed(model, 'coffee', (15, 16.5, 18)))


if __name__ == '__main__':
    main()
