# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The public interface: an image goes in, a scene of segments comes out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import islice
from os import PathLike

import numpy as np

from fastsam_ros import backends, models
from fastsam_ros.backends.own_images import with_own_images
from fastsam_ros.backends.processing import HostProcessing, Inference, Processing, Thresholds
from fastsam_ros.core import (
    Answer,
    BackendError,
    FastSamError,
    ImageError,
    ModelError,
    ParameterError,
    Prompt,
    PromptError,
    RunLengths,
    Scene,
    Selection,
    TextError,
    UntrustedModelError,
)
from fastsam_ros.core.images import check_image, owned, rectangles
from fastsam_ros.core.letterbox import Letterbox, of_one_input
from fastsam_ros.core.scene import Matcher
from fastsam_ros.core.settings import Choice, Setting, means
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.models.metadata import FLAGS, Metadata
from fastsam_ros.text.words.example import examples_of
from fastsam_ros.text.words.matcher import matcher_of
from fastsam_ros.text.words.store import Words, switched_on

__all__ = [
    'Answer',
    'BackendError',
    'FastSam',
    'FastSamError',
    'ImageError',
    'ModelError',
    'ParameterError',
    'Prompt',
    'PromptError',
    'RunLengths',
    'Scene',
    'Selection',
    'TextError',
    'Tracker',
    'UntrustedModelError',
]


class FastSam:
    """
    The network and its thresholds; safe to use from several threads.

    :param model: '' for the model that ships, a published model's name, or a path to a .onnx,
        .xml, .pt, .safetensors, .torchscript or .engine file
    :param device: auto, cpu, cuda, cuda:N, or a device of the runtime's own naming
    :param precision: auto, fp32, fp16, bf16 or int8, where the runtime and the file offer it
    :param image_size: longer side of the network's input, pixels, a multiple of 32
    :param confidence: segments below are dropped, 0 to 1
    :param iou: of two boxes that overlap more than this the less confident is dropped, 0 to 1
    :param max_segments: at most N segments an image
    :param candidates: down to this score segments are kept behind the others, as candidates for
        whoever follows a segment whose confidence drops for a while (ByteTrack,
        arXiv:2110.06864); 0 to 1, None: none. `Scene.confident` says how many come before them;
        these are the same segments, in the same order, as without candidates, and they alone
        answer prompts (`Scene.without_candidates`)
    :param similar_threshold: likeness from which a segment is similar to another, 0 to 1
    :param grow: auto, always or never: boxes of large regions are grown to where their masks end;
        auto: where the model's metadata says so
    :param clean: likewise: specks and holes are taken out of masks
    :param apart: likewise: where `iou` is below 0.9 masks are compared too, and what shares a box,
        but not a mask, stays with half of its score
    :param refine: masks that are asked for follow the edges in the image
    :param words: whether the names that the network knows and words that were taught are used, as
        labels and for texts; the path of a file: the words taught in it, instead of the user's
    :param streams: inferences that run side by side, each on its share of the cores, for callers
        of several threads; 0: as many as suit a camera on this processor
    :param trust: load a pickled checkpoint although its SHA-256 is not a published one
    :param matcher: answers text prompts (`fastsam_ros.text.matcher`); or None
    :raises ModelError: when the file is missing, broken or no FastSAM network
    :raises BackendError: when the runtime or the device is not there
    :raises ParameterError: when a setting is out of its range
    """

    image_size = Setting(int, 64, 4096, multiple=32)
    confidence = Setting(float, 0.0, 1.0)
    iou = Setting(float, 0.0, 1.0)
    max_segments = Setting(int, 1, 10000)
    candidates = Setting(float, 0.0, 1.0, optional=True)
    similar_threshold = Setting(float, 0.0, 1.0)
    grow, clean, apart = (Choice('auto', 'always', 'never') for _ in range(3))

    def __init__(
        self,
        model: str = '',
        *,
        device: str = 'auto',
        precision: str = 'auto',
        image_size: int = 640,
        confidence: float = 0.4,
        iou: float = 0.9,
        max_segments: int = 300,
        candidates: float | None = None,
        similar_threshold: float = 0.6,
        grow: str = 'auto',
        clean: str = 'auto',
        apart: str = 'auto',
        refine: bool = False,
        words: bool | str | PathLike[str] = True,
        streams: int = 1,
        trust: bool = False,
        matcher: Matcher | None = None,
    ) -> None:
        self.image_size = image_size
        self.confidence, self.iou = confidence, iou
        self.max_segments, self.candidates = max_segments, candidates
        self.similar_threshold = similar_threshold
        self.grow, self.clean, self.apart, self.refine = grow, clean, apart, refine
        self.path = models.resolve(model)
        models.check_trust(self.path, trust)
        self.metadata = Metadata.of(self.path)
        self.names = tuple(self.metadata.names) if words else ()
        self.words = Words.chosen(words, self.path)
        self.matcher = matcher_of(self.words, self.metadata.names, matcher)
        self._backend = backends.load(
            self.path, device=device, precision=precision, streams=streams)
        self._processing: Processing = (
            getattr(self._backend, 'processing', None) or HostProcessing(self._backend))
        if self.words is not None:
            self.words.learn_again(self)

    @property
    def name(self) -> str:
        """The model file's name without its ending."""
        return self.path.stem

    @property
    def runtime(self) -> str:
        """Who runs the network: openvino, onnxruntime, torch or tensorrt."""
        return self._backend.name

    @property
    def device(self) -> str:
        """What it runs on."""
        return self._backend.device

    @property
    def precision(self) -> str:
        """What it computes in."""
        return self._backend.precision

    @property
    def streams(self) -> int:
        """How many inferences run side by side without one waiting for another."""
        return self._backend.streams

    @property
    def batches(self) -> bool:
        """Whether several images in one run come sooner than one after the other."""
        return self._backend.batch[1] > 1

    @property
    def thresholds(self) -> Thresholds:
        """What counts as a segment, by the settings of now."""
        flags = {flag: means(getattr(self, flag), getattr(self.metadata, flag)) for flag in FLAGS}
        return Thresholds(
            self.confidence, self.iou, self.max_segments, self.candidates, **flags)

    def __call__(self, image: np.ndarray) -> Scene:
        """
        Segment one image.

        :param image: (H, W, 3) uint8 RGB
        :raises ImageError: for anything else
        """
        return self.batch([image])[0]

    def batch(self, images: Sequence[np.ndarray]) -> list[Scene]:
        """
        Segment several images; those of one shape go through the network in one run.

        :param images: each (H, W, 3) uint8 RGB
        :raises ImageError: when one is anything else
        """
        return with_own_images(self.infer, self.scenes, images)

    def stream(self, images: Iterable[np.ndarray]) -> Iterator[Scene]:
        """
        Segment images as they come, in order, each scene as soon as it is done.

        Another thread takes the next image and runs the network while the last scene is used.

        :param images: each (H, W, 3) uint8 RGB
        """
        source = iter(images)

        def infer_next() -> list[Inference]:
            return self.infer(owned([*islice(source, 1)]))

        with ThreadPoolExecutor(1, thread_name_prefix='fastsam-network') as network:
            inferences = network.submit(infer_next).result()
            while inferences:
                following = network.submit(infer_next)
                yield self.scenes(inferences)[0]
                inferences = following.result()

    def infer(self, images: Sequence[np.ndarray]) -> list[Inference]:
        """
        The first half of `batch`: letterbox and network.

        :param images: each (H, W, 3) uint8 RGB; kept as they are, so nobody may change them later
        :raises ImageError: when an image is not (H, W, 3) uint8
        """
        for image in images:
            check_image(image)
        letterboxes = [self._fit(*image.shape[:2]) for image in images]
        thresholds = self.thresholds
        inferences: list = [None] * len(images)
        for members in of_one_input(letterboxes):
            together = ([of[i] for i in members] for of in (images, letterboxes))
            for i, inference in zip(members, self._processing.infer(*together, thresholds)):
                inferences[i] = inference
        return inferences

    def scenes(self, inferences: Sequence[Inference]) -> list[Scene]:
        """The second half of `batch`: thresholds, suppression and masks."""
        return [self.completed(self._processing.scene(inference)) for inference in inferences]

    def completed(self, scene: Scene) -> Scene:
        """A scene with what this model knows besides its network: words and settings."""
        if self.names:
            self.metadata.check(self.path, scene.name_scores.shape[1])
        return replace(
            scene, matcher=self.matcher, names=self.names, refine=self.refine,
            labeller=self.matcher if self.words is not None else None,
            similar_threshold=self.similar_threshold)

    def teach(
        self, word: str, answer: Answer | Sequence[Answer], counter: bool = False
    ) -> int:
        """
        Understand a word from now on, also after a restart: each match is an example of it.

        :param word: such as 'my mug'; several examples of it add up
        :param answer: to a prompt that points at it, or several
        :param counter: these are not it
        :return: how many examples the word has now
        :raises PromptError: when nothing answers, or it is no word
        :raises WordsError: when words cannot be kept
        """
        words = switched_on(self.words)
        return words.teach(word, examples_of(answer, words.network, counter))

    def forget(self, word: str) -> None:
        """
        Forget a word that was taught.

        :raises UnknownWordError: when it was not taught
        :raises WordsError: when the words cannot be read or written
        """
        switched_on(self.words).forget(word)

    def warm_up(self, height: int = 480, width: int = 640, cameras: int = 1) -> None:
        """
        Run on made images, so that the first real ones are as fast as the rest.

        Networks are compiled, and a GPU records its kernels for each number of images in a run.

        :param height: of the images to come, pixels
        :param width: of the images to come, pixels
        :param cameras: that may send at the same time
        """
        image, most = rectangles(height, width), cameras if self.batches else 1
        # The largest first, as memory is there at once, and last, as few recordings are kept.
        for count in (*range(most, 0, -1), *[most] * (most > 1)):
            for _ in range(2):  # a shape is recorded when it comes again
                self.batch([image] * count)

    def close(self) -> None:
        """Free the network and its memory; scenes live on, the object cannot be used any more."""
        self._backend.close()

    def _fit(self, height: int, width: int) -> Letterbox:
        if fixed := self._backend.input_shape:
            return Letterbox(height, width, *fixed)
        return Letterbox.fit(height, width, self.image_size)
