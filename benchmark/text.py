# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What a text prompt costs, against ultralytics' own, on the same network, pictures and masks.

    python -m benchmark.text [--models ViT-B-32 MobileCLIP2-S0] [--segments 100] [--json FILE]

The networks have their real architecture and weights drawn at random, which costs the same. Three
questions: the first about a frame, one about the next frame of a resting camera, and another text
that was asked before, about a frame that was asked about before. Ultralytics' path is its
`FastSAMPredictor.prompt` with its masks already decoded; this package decodes within what is
measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
import importlib
import json
from pathlib import Path
from statistics import median
import sys
import tempfile
import time
import types
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmark import oracle
from fastsam_ros.backends.checkpoints import torchvision_is_optional
from fastsam_ros.core import Scene
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.text import exported
from fastsam_ros.text.matcher import Encoder, TextMatcher
from fastsam_ros.text.weights import Weights

if TYPE_CHECKING:
    from fastsam_ros.text.clip import ClipEncoder

HEIGHT, WIDTH = 720, 1280
TEXTS = ('a yellow dog', 'a cup')


@dataclass(frozen=True)
class Row:
    """
    One line of the table.

    :param model: the text model's architecture
    :param path: who answers
    :param first: the first question about a frame, ms
    :param following: the same about the next frame, ms
    :param cached: another text about a frame that was asked about before, ms
    """

    model: str
    path: str
    first: float
    following: float
    cached: float


def made_scene(segments: int) -> Scene:
    """Return a noisy picture whose segments fill boxes of many sizes that hardly overlap."""
    rng = np.random.default_rng(0)
    columns = int(np.ceil(np.sqrt(segments * WIDTH / HEIGHT)))
    rows = -(-segments // columns)
    cell = np.array([WIDTH / columns, HEIGHT / rows])
    corners = [(i % columns, i // columns) * cell for i in range(segments)]
    sizes = cell * rng.uniform(0.5, 0.95, (segments, 1))
    coefficients = np.zeros((segments, 32), np.float32)
    coefficients[:, 0] = 1
    prototypes = np.zeros((32, 96, 160), np.float32)
    prototypes[0] = 1
    return Scene(
        extents=np.float32([[*c, *(c + s)] for c, s in zip(corners, sizes)]),
        scores=np.linspace(0.9, 0.4, segments, dtype=np.float32),
        coefficients=coefficients, prototypes=prototypes,
        letterbox=Letterbox.fit(HEIGHT, WIDTH, 640),
        image=rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8),
    )


def again(scene: Scene) -> Scene:
    """Return the next frame of a resting camera."""
    return replace(scene, extents=scene.extents.copy())


def random_encoder(name: str) -> ClipEncoder:
    """Return a network of that architecture with random weights."""
    oracle()  # finds the tests' helpers
    importlib.import_module('torchvision_operators').supply()
    import open_clip

    from fastsam_ros.text.clip import wrap

    torch.manual_seed(0)
    config = open_clip.get_model_config(name)
    return wrap(open_clip.create_model(name), config, name, Weights(name, None, None))


def ultralytics_path(encoder: ClipEncoder, scene: Scene) -> Callable[[str], object]:
    """Return what asks ultralytics about the scene, with the same network."""
    sys.modules.setdefault('clip', types.ModuleType('clip'))  # else it is fetched from the web
    with torchvision_is_optional():
        from ultralytics.engine.results import Results
        from ultralytics.models.fastsam.predict import FastSAMPredictor

    predictor = FastSAMPredictor.__new__(FastSAMPredictor)
    predictor.device = torch.device('cpu')
    predictor.clip = _StandIn(encoder)
    boxes = np.concatenate(
        [scene.boxes, scene.scores[:, None], np.zeros((len(scene), 1))], axis=1)
    result = Results(
        scene.image[..., ::-1], '', {0: 'object'}, boxes=torch.from_numpy(boxes).float(),
        masks=torch.from_numpy(scene.masks().astype(np.uint8)))
    return lambda text: predictor.prompt(result, texts=[text])


class _StandIn:
    """What ultralytics calls CLIP, around the network that is measured."""

    def __init__(self, encoder: ClipEncoder) -> None:
        import open_clip

        card, self._model = encoder.card, encoder.model
        self.tokenize = open_clip.SimpleTokenizer()
        self.image_preprocess = open_clip.image_transform(
            card.size, is_train=False, mean=card.mean, std=card.std,
            resize_mode=card.resize_mode, interpolation=card.interpolation)

    @torch.inference_mode()
    def encode_image(self, images: torch.Tensor) -> torch.Tensor:
        return self._model.encode_image(images, normalize=True)

    @torch.inference_mode()
    def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
        return self._model.encode_text(tokens, normalize=True)


def milliseconds(function: Callable[[], object]) -> float:
    """Return how long one call takes."""
    start = time.perf_counter()
    function()
    return (time.perf_counter() - start) * 1e3


def ours_once(encoder: Encoder, scene: Scene) -> tuple[float, float, float]:
    """Return the three times of this package; texts are encoded anew with the first."""
    matcher = TextMatcher(encoder, max_candidates=len(scene))
    scene, following = (replace(again(scene), matcher=matcher) for _ in range(2))

    def ask(scene: Scene, text: str) -> Callable[[], object]:
        return lambda: scene.prompt(text=text, selection='all')

    first = milliseconds(ask(scene, TEXTS[0]))
    matcher.text_vectors([TEXTS[1]])  # a text is encoded once, ever
    return first, milliseconds(ask(following, TEXTS[0])), milliseconds(ask(following, TEXTS[1]))


def theirs_once(ask: Callable[[str], object]) -> tuple[float, float, float]:
    """Return the three times of ultralytics: it begins anew with each question."""
    return tuple(milliseconds(lambda text=text: ask(text)) for text in (TEXTS[0], *TEXTS))


def measure(name: str, segments: int, rounds: int) -> list[Row]:
    """Return the rows of one model: medians, the paths taking turns."""
    scene, encoder = made_scene(segments), random_encoder(name)
    from fastsam_ros.text import export

    with tempfile.TemporaryDirectory() as folder:
        graphs = exported.load(export.write(encoder, Path(folder)))
        theirs = ultralytics_path(encoder, scene)
        paths = {
            'ultralytics, torch': lambda: theirs_once(theirs),
            'this package, torch': lambda: ours_once(encoder, scene),
            'this package, OpenVINO': lambda: ours_once(graphs, scene),
        }
        times = {path: [] for path in paths}
        for turn in range(rounds + 1):
            for path, run in paths.items():
                taken = run()
                if turn:  # the first round warms up
                    times[path].append(taken)
    return [Row(name, path, *map(median, zip(*taken))) for path, taken in times.items()]


def table(rows: list[Row]) -> str:
    """Return a table in Markdown."""
    lines = ['| text model | path | first frame, ms | next frame, ms | known text, ms |',
             '|---|---|---:|---:|---:|']
    lines += [f'| {r.model} | {r.path} | {r.first:.0f} | {r.following:.1f} | {r.cached:.2f} |'
              for r in rows]
    return '\n'.join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument('--models', nargs='+', default=['ViT-B-32', 'MobileCLIP2-S0'])
    parser.add_argument('--segments', type=int, default=100)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--json', type=Path)
    options = parser.parse_args(arguments)
    rows = [row for name in options.models
            for row in measure(name, options.segments, options.rounds)]
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + '\n')
    return 0


if __name__ == '__main__':
    sys.exit(main())
