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
import sys
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
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.images import read_picture
model = FastSam(precision='fp32')
for source, target in zip(sys.argv[1::2], sys.argv[2::2]):
    picture = read_picture(source)
    scene = model(picture)
    drawn = draw(picture, scene.run_lengths(), range(1, len(scene) + 1))
    cv2.imwrite(target, drawn[..., ::-1])
"""


def by_supervision(picture: np.ndarray, scene: Scene) -> np.ndarray:
    """The same segments by supervision's annotators as they are: (H, W, 3) uint8 RGB."""
    import supervision

    detections = supervision.Detections(
        xyxy=scene.boxes, mask=scene.masks(), class_id=np.arange(len(scene)))
    drawn = supervision.MaskAnnotator().annotate(picture[..., ::-1].copy(), detections)
    return supervision.PolygonAnnotator().annotate(drawn, detections)[..., ::-1]


def drawn_before(files: list[Path], checkout: Path) -> list[np.ndarray]:
    """What an older checkout draws of the same pictures."""
    with tempfile.TemporaryDirectory() as folder:
        targets = [Path(folder) / f'{n}.png' for n in range(len(files))]
        pairs = [str(path) for pair in zip(files, targets) for path in pair]
        subprocess.run([sys.executable, '-c', BEFORE, *pairs], check=True, cwd=checkout,
                       env={**os.environ, 'PYTHONPATH': str(checkout)})
        return [read_picture(target) for target in targets]


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
    before = drawn_before(files, options.before) if options.before else [None] * len(files)
    model, rows = FastSam(precision='fp32'), []
    for file, old in zip(files, before):
        picture = read_picture(file)
        scene = model(picture)
        now = draw(picture, scene.run_lengths(), range(1, len(scene) + 1))
        columns = [*([] if old is None else [old]), now, by_supervision(picture, scene)]
        rows.append(np.hstack([cell(column) for column in columns]))
    sheet = np.vstack(rows)[:-GAP, :-GAP]
    settings = (cv2.IMWRITE_JPEG_QUALITY, 84)
    cv2.imwrite(str(options.output), sheet[..., ::-1], settings)


if __name__ == '__main__':
    main()
