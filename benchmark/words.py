# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What taught words cost: a thousand of them, on 100 segments at 848x480.

    python -m benchmark.words
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmark.space import HEIGHT, WIDTH, fastest, make_masks
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene
from fastsam_ros.following.appearance import appearance
from fastsam_ros.text.words.example import Example, Look
from fastsam_ros.text.words.learned import Learned

WORDS, EXAMPLES = 1000, 3
NETWORK = 'made up'


def make_scene(rng: np.random.Generator) -> Scene:
    """A hundred ellipses on a picture of patches."""
    masks = make_masks(rng)
    patches = rng.integers(0, 256, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    boxes = [(m.x, m.y, m.x + m.width, m.y + m.height) for m in masks]
    return Scene(
        np.array(boxes, np.float32), np.full(len(masks), 0.5, np.float32),
        rng.normal(size=(len(masks), 32)).astype(np.float32), None,
        Letterbox.fit(HEIGHT, WIDTH, 640), masks,
        image=patches.repeat(8, axis=0).repeat(8, axis=1))


def make_words(vectors: np.ndarray, rng: np.random.Generator) -> Learned:
    """Words whose examples look about like some of the segments."""
    mask = RunLengths(0, 0, 1, 1, 1, np.array([0, 1], np.uint32))

    def example() -> Example:
        vector = vectors[rng.integers(len(vectors))] + rng.normal(0, 0.05, vectors.shape[1])
        look = Look((vector / np.linalg.norm(vector)).astype(np.float32), 0.5)
        return Example(b'', mask, (0, 0), (1, 1), looks={NETWORK: look})

    return Learned(
        {f'word {n}': [example() for _ in range(EXAMPLES)] for n in range(WORDS)}, NETWORK)


def main() -> None:
    """Print a line for each."""
    rng = np.random.default_rng(0)
    scene = make_scene(rng)
    vectors = appearance(scene)
    words = make_words(vectors, rng)
    words.scores(vectors)  # thresholds are found once
    for name, work in (
            ('vectors of 100 segments', lambda: appearance(replace(scene))),
            ('one of the words', lambda: words.scores(vectors, words.find('word 500'))),
            ('all of the words', lambda: words.scores(vectors))):
        least, median = fastest(work)
        print(f'{name}: {least:.2f} ms, median {median:.2f} ms')


if __name__ == '__main__':
    main()
