# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The pictures of docs/overlays.md: overlays beside those of supervision, and of an older checkout.

    pip install supervision
    python docs/images/overlays.py [--before CHECKOUT]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
import subprocess
import tempfile

import cv2
import numpy as np
import skimage

from fastsam_ros.core import Scene
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.images import read_picture

OUTPUT = Path(__file__).with_name('overlays.jpg')
NAMES = ('coffee.png', 'rocket.jpg', 'motorcycle_left.png', 'astronaut.png', 'chelsea.png',
         'coins.png')
CELL = (460, 300)  # pixels, width before height
GAP = 6
BEFORE = """
import sys, cv2
try:
    from fastsam_ros.drawing.overlay import draw
    from fastsam_ros.fastsam import FastSam
except ModuleNotFoundError:
    from fastsam_ros.app.drawing import draw
    from fastsam_ros.core.fastsam import FastSam
model = FastSam(precision='fp32')
for path in sys.argv[1:]:
    picture = cv2.imread(path)[..., ::-1].copy()
    scene = model(picture)
    drawn = draw(picture, scene.run_lengths(), range(1, len(scene) + 1))
    cv2.imwrite(path, drawn[..., ::-1])
"""


def by_supervision(picture: np.ndarray, scene: Scene) -> np.ndarray:
    """The same segments by supervision's annotators as they are: (H, W, 3) uint8 RGB."""
    import supervision

    detections = supervision.Detections(
        xyxy=scene.boxes, mask=scene.masks(), class_id=np.arange(len(scene)))
    drawn = supervision.MaskAnnotator().annotate(picture[..., ::-1].copy(), detections)
    return supervision.PolygonAnnotator().annotate(drawn, detections)[..., ::-1]


def drawn_before(pictures: list[np.ndarray], checkout: Path) -> list[np.ndarray]:
    """What an older checkout, built, draws of the same pictures, each RGB."""
    variables = {name: value for name, value in os.environ.items() if name != 'PYTHONPATH'}
    enter = '. scripts/env.sh && exec python -c "$@"'
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f'{n}.png' for n in range(len(pictures))]
        for path, picture in zip(paths, pictures):
            cv2.imwrite(str(path), picture[..., ::-1])
        subprocess.run(['bash', '-c', enter, 'bash', BEFORE, *map(str, paths)],
                       check=True, cwd=checkout, env=variables)
        return [read_picture(path) for path in paths]


def cell(picture: np.ndarray) -> np.ndarray:
    """The middle of a picture, as large as a cell, with a gap: (H, W, 3) uint8."""
    width, height = CELL
    scale = max(width / picture.shape[1], height / picture.shape[0])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - height) // 2, (small.shape[1] - width) // 2
    middle = small[top : top + height, left : left + width]
    return cv2.copyMakeBorder(
        middle, 0, GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def main() -> None:
    """Draw all, side by side."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    parser.add_argument('--before', type=Path)
    parser.add_argument('--output', type=Path, default=OUTPUT)
    parser.add_argument('pictures', nargs='*', type=Path)
    options = parser.parse_args()
    folder = Path(skimage.__file__).with_name('data')
    files = options.pictures or [folder / name for name in NAMES]
    pictures = [read_picture(file) for file in files]
    before = drawn_before(pictures, options.before) if options.before else [None] * len(files)
    model, rows = FastSam(precision='fp32'), []
    for picture, old in zip(pictures, before):
        scene = model(picture)
        now = draw(picture, scene.run_lengths(), range(1, len(scene) + 1))
        columns = [*([] if old is None else [old]), now, by_supervision(picture, scene)]
        rows.append(np.hstack([cell(column) for column in columns]))
    sheet = np.vstack(rows)[:-GAP, :-GAP]
    settings = (cv2.IMWRITE_JPEG_QUALITY, 84)
    cv2.imwrite(str(options.output), sheet[..., ::-1], settings)


if __name__ == '__main__':
    main()
