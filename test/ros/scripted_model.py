# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A network whose answers are known: each rectangle of one of these colours is a segment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock

import numpy as np

from fastsam_ros.core import Scene
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.fastsam import FastSam
from fastsam_ros.text.words.matcher import matcher_of
from fastsam_ros.text.words.store import Words

HEIGHT, WIDTH = 96, 128  # of the pictures
RED, YELLOW, BLUE, GREEN = (255, 0, 0), (255, 255, 0), (0, 0, 255), (0, 255, 0)
SCORES = {RED: 0.9, YELLOW: 0.8, BLUE: 0.7, GREEN: 0.6}
Box = tuple[int, int, int, int]


def picture(**boxes: Box) -> np.ndarray:
    """Return a grey picture with a box x0, y0, x1, y1 for each named colour."""
    pixels = np.full((HEIGHT, WIDTH, 3), 128, np.uint8)
    for name, (x0, y0, x1, y1) in boxes.items():
        pixels[y0:y1, x0:x1] = globals()[name.upper()]
    return pixels


class ScriptedModel:
    """Looks like `FastSam` to the node; words can be taught where a file for them is named."""

    name, path = 'scripted', Path(__file__)
    teach, forget = FastSam.teach, FastSam.forget
    runtime, device, precision = 'none', 'cpu', 'fp32'
    streams = 1
    candidates = None
    batches = True

    def __init__(self, model: str = '', *, matcher=None, **settings: object) -> None:
        words = settings.get('words')
        self.words = Words.chosen(words if isinstance(words, str) else False, self.path)
        self.matcher = matcher_of(self.words, {}, matcher)
        for name in ('confidence', 'iou', 'max_segments', 'image_size'):
            setattr(self, name, settings.get(name))
        self.batches: list[int] = []  # images in each run
        self.open = Event()  # a run waits for it
        self.open.set()
        self.runs = self.running = self.most = 0
        self.closed = False
        self._lock = Lock()

    def infer(self, images):
        with self._lock:
            self.batches.append(len(images))
        assert self.open.wait(120)
        return images

    def scenes(self, inference) -> list[Scene]:
        return [self._scene(image) for image in inference]

    def __call__(self, image: np.ndarray) -> Scene:
        return self.scenes(self.infer([image]))[0]

    def warm_up(self) -> None:
        self.batches.clear()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Runs don't end until this is left."""
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    def close(self) -> None:
        self.closed = True

    def _scene(self, image: np.ndarray) -> Scene:
        found = [(colour, _extent(image, colour)) for colour in SCORES]
        found = [(colour, box) for colour, box in found if box is not None]
        found = [pair for pair in found if SCORES[pair[0]] > self.confidence]
        height, width = image.shape[:2]
        prototypes = np.zeros((32, height // 4, width // 4), np.float32)
        prototypes[0] = 1  # with a coefficient of 1, a mask fills its box
        coefficients = np.zeros((len(found), 32), np.float32)
        coefficients[:, 0] = 1
        return Scene(
            np.array([box for _, box in found], np.float32).reshape(-1, 4),
            np.array([SCORES[colour] for colour, _ in found], np.float32), coefficients,
            prototypes, Letterbox.fit(height, width, max(height, width)), image=image,
            matcher=self.matcher, labeller=self.matcher if self.words else None)


def _extent(image: np.ndarray, colour: tuple[int, int, int]) -> Box | None:
    rows, columns = np.nonzero((image == colour).all(axis=2))
    if not len(rows):
        return None
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
