# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network finds in a film, kept in a folder: the rules of following are tried quickly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
import pickle

import numpy as np

from benchmark.hard.films import Shot
from fastsam_ros.core import Scene
from fastsam_ros.fastsam import FastSam


def scenes_of(model: FastSam, film: Sequence[Shot], folder: Path | None) -> list[Scene]:
    """
    A scene of each frame.

    :param folder: where they are kept, some 50 kB each; give each model one of its own
    """
    return [
        model(shot.image) if folder is None else kept(model, shot.image, folder) for shot in film]


def kept(model: FastSam, image: np.ndarray, folder: Path) -> Scene:
    """A scene that was made of this very image before, or is made now."""
    file = folder / f'{sha256(image.tobytes()).hexdigest()}.pickle'
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(bare(model(image))))
    return replace(pickle.loads(file.read_bytes()), image=image)


def bare(scene: Scene) -> Scene:
    """A scene with all its masks made, and without what they are made of."""
    return replace(
        scene, image=None, prototypes=None, runs=scene.run_table(), matcher=None,
        labeller=None)
