# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How well segments answer a text."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Protocol

import numpy as np

from fastsam_ros.core.errors import TextError
from fastsam_ros.core.scene import Scene
from fastsam_ros.core.settings import Setting
from fastsam_ros.text import load_encoder
from fastsam_ros.text.candidates import boxes_of, eligible
from fastsam_ros.text.crops import check_background, cut_out, thumbnail
from fastsam_ros.text.embedding_cache import (
    CachedEmbedding,
    EmbeddingCache,
    FrameEmbeddings,
    reuse,
)
from fastsam_ros.text.query import BACKGROUND, TEMPLATES, Query

NOT_LOOKED_AT = -1.0  # a score below every threshold
TEXTS = 4096  # texts whose vectors are kept
QUESTIONS = 16  # of which a scene's candidates are kept


class Encoder(Protocol):
    """
    Two networks that put texts and images into one space, where what belongs together is near.

    :param name: of the model, for people
    :param device: what it runs on
    :param scale: how sharply it tells near from far: what cosines are multiplied with
    """

    name: str
    device: str
    scale: float

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts: (T, D) float32, unit length."""

    def encode_images(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """Vectors of K images, each (h, w, 3) uint8 RGB of its own size: (K, D) float32, unit."""


class TextMatcher:
    """
    Compares segments with texts; safe to use from several threads and for several cameras.

    A segment's score for a text is LERF's relevancy (arXiv:2303.09553): the smallest of the
    probabilities that it is the text and not one of a few phrases that fit anything, or one of
    the prompt's negatives. Cosines are multiplied with the encoder's own trained scale (100 for
    CLIP) where LERF takes 10, so scores lie nearer to 0 and to 1 than LERF's. A score depends on
    that segment alone, so it means the same in every frame: 0.5 and more says that no other
    phrase describes the segment better.

    :param encoder: what turns texts and images into vectors
    :param threshold: scores below are no match, 0 to 1
    :param min_area: smaller segments are not looked at, pixels
    :param overlap: of segments whose masks overlap more than this (IoU) one is looked at
    :param max_candidates: at most N segments an image are looked at, most confident first
    :param background: what a segment's context becomes; see `crops.cut_out`
    :param contrast: phrases that a text must fit better than; what surrounds a robot, such as
        'floor' and 'wall', may be added
    :raises ParameterError: when one of these is out of its range
    """

    threshold = Setting(float, 0.0, 1.0)
    min_area = Setting(int, 0, 1 << 30)
    overlap = Setting(float, 0.0, 1.0)
    max_candidates = Setting(int, 1, 10000)

    def __init__(
        self,
        encoder: Encoder,
        *,
        threshold: float = 0.5,
        min_area: int = 100,
        overlap: float = 0.8,
        max_candidates: int = 64,
        background: str = 'dim',
        contrast: Sequence[str] = BACKGROUND,
    ) -> None:
        self.encoder = encoder
        self.threshold = threshold
        self.min_area = min_area
        self.overlap = overlap
        self.max_candidates = max_candidates
        self.background = check_background(background)
        self._texts: OrderedDict[str, np.ndarray] = OrderedDict()
        self._text_lock = Lock()
        self._embeddings = EmbeddingCache()
        self.contrast = tuple(contrast) or BACKGROUND
        self.text_vectors(self.contrast)  # now, so that the first question need not wait for it

    @property
    def name(self) -> str:
        """The encoder's name."""
        return self.encoder.name

    @property
    def device(self) -> str:
        """What the encoder runs on."""
        return self.encoder.device

    def match(
        self, scene: Scene, text: str, candidates: np.ndarray
    ) -> tuple[np.ndarray, tuple[str, ...]]:
        """
        How well segments answer a text prompt.

        :param text: see `Query.parse`
        :param candidates: (K,) indices of segments
        :return: scores (K,) float32, 0 to 1, and K labels: the text that each is most like;
            segments that were not looked at (see `min_area` and the others) score -1 and have
            the label ''
        :raises PromptError: when the text asks for nothing
        :raises TextError: when the scene has no image
        """
        query = Query.parse(text)
        candidates = np.asarray(candidates, np.int64)
        scores = np.full(len(candidates), NOT_LOOKED_AT, np.float32)
        labels = np.full(len(candidates), '', object)
        chosen, vectors = self._embed(scene, candidates)
        if len(chosen):
            scores[chosen], best = self._score(vectors, query)
            labels[chosen] = np.array(query.texts, object)[best]
        return scores, tuple(labels)

    def _score(self, vectors: np.ndarray, query: Query) -> tuple[np.ndarray, np.ndarray]:
        """Each vector's best text (K,) and its score (K,)."""
        likeness = vectors @ self.text_vectors(query.texts).T
        contrast = vectors @ self.text_vectors((*self.contrast, *query.negatives)).T
        best = likeness.argmax(axis=1)
        lead = likeness[np.arange(len(best)), best] - contrast.max(axis=1)
        return 0.5 * (1 + np.tanh(0.5 * self.encoder.scale * lead)), best

    def text_vectors(self, texts: Sequence[str]) -> np.ndarray:
        """
        Vectors of texts, each the mean over `TEMPLATES`; made once and kept.

        :return: (T, D) float32, unit length
        """
        with self._text_lock:
            missing = [text for text in dict.fromkeys(texts) if text not in self._texts]
            if missing:
                self._texts.update(zip(missing, self._encode(missing), strict=True))
            for text in texts:
                self._texts.move_to_end(text)
            found = np.stack([self._texts[text] for text in texts])
            while len(self._texts) > TEXTS:
                self._texts.popitem(last=False)
        return found

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        sentences = [template.format(text) for text in texts for template in TEMPLATES]
        vectors = self.encoder.encode_text(sentences)
        return _unit(vectors.reshape(len(texts), len(TEMPLATES), -1).mean(axis=1))

    def _embed(self, scene: Scene, candidates: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """
        Which candidates (positions) are worth a look, and their embeddings.

        An embedding is kept from an earlier question, reused from an earlier frame, or made; all
        that must be made for a question are made in one batch.
        """
        if scene.image is None:
            raise TextError('this scene was kept without its image: text needs the pixels')
        frame, earlier = self._embeddings.of(scene)
        known = frame.embeddings
        with frame.lock:
            chosen = self._eligible(scene, frame, candidates)
            indices = candidates[chosen].tolist()
            missing = [i for i in indices if i not in known]
            if missing:
                reuse(scene, frame, earlier, missing)
                self._encode_images(scene, frame, [i for i in missing if i not in known])
            vectors = [known[i].vector for i in indices]
        return chosen, np.array(vectors, np.float32)

    def _eligible(
        self, scene: Scene, frame: FrameEmbeddings, candidates: np.ndarray
    ) -> np.ndarray:
        limits = (self.min_area, self.overlap, self.max_candidates)
        key = (candidates.tobytes(), *limits)
        if key not in frame.candidates:
            if len(frame.candidates) >= QUESTIONS:
                frame.candidates.clear()
            frame.candidates[key] = eligible(scene, candidates, *limits)
        return frame.candidates[key]

    def _encode_images(self, scene: Scene, frame: FrameEmbeddings, indices: list[int]) -> None:
        if not indices:
            return
        runs = scene.run_lengths(indices)
        crops = [cut_out(scene.image, run, self.background) for run in runs]
        vectors = self.encoder.encode_images(crops)
        for index, run, vector, box in zip(indices, runs, vectors, boxes_of(runs), strict=True):
            frame.embeddings[index] = CachedEmbedding(
                vector, thumbnail(scene.image, run), run.area, box)


def load_text_model(
    name: str, device: str = 'auto', threshold: float = 0.5, **settings: object
) -> TextMatcher:
    """
    What answers text prompts, for `FastSam(matcher=...)`.

    :param name: see `fastsam_ros.text.load_encoder`
    :param device: likewise
    :param threshold: see `TextMatcher`
    :param settings: the rest of `TextMatcher`'s
    :raises TextError: when no name is given, or the model cannot be used
    :raises ModelError: when the file or folder is missing or broken
    :raises BackendError: when the runtime or the device is not there
    :raises ParameterError: when a setting is out of its range
    """
    return TextMatcher(load_encoder(name, device), threshold=threshold, **settings)


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
