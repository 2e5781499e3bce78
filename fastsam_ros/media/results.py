# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is kept of one picture or frame: its segments, as they are drawn, written and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import json

import numpy as np

from fastsam_ros.core.prompts import Prompt
from fastsam_ros.core.run_lengths import RunLengths
from fastsam_ros.core.scene import Scene


@dataclass(frozen=True, eq=False)
class Segment:
    """
    One mask and what is known of it.

    :param runs: the mask
    :param id: of the object, 1 on; constant over frames while it is tracked
    :param score: the network's confidence, 0 to 1
    :param prompt: which prompt selected it, counted from 0; -1: none was asked
    :param prompt_score: how well it answers that prompt, 0 to 1
    :param label: the text it was matched to, or ''
    """

    runs: RunLengths
    id: int
    score: float
    prompt: int = -1
    prompt_score: float = 0.0
    label: str = ''


@dataclass(frozen=True, eq=False)
class Result:
    """
    The segments of one picture or frame, most confident first, or by prompt and best first.

    :param height: of the picture, pixels
    :param width: of the picture, pixels
    :param segments: what was found or asked for
    :param boxes: (N, 4) float32, of everything that the network found, for following it
    """

    height: int
    width: int
    segments: tuple[Segment, ...]
    boxes: np.ndarray

    def __len__(self) -> int:
        """Of everything that was found, as the tracker counts."""
        return len(self.boxes)

    @property
    def runs(self) -> list[RunLengths]:
        """The masks."""
        return [segment.runs for segment in self.segments]

    @property
    def ids(self) -> list[int]:
        """The objects' numbers."""
        return [segment.id for segment in self.segments]


def result_of(
    scene: Scene, prompts: Sequence[Prompt] = (), ids: Sequence[int] | None = None
) -> Result:
    """
    Decode what is wanted of a scene.

    :param scene: of the picture
    :param prompts: what is asked; none: everything
    :param ids: (N,) of the scene's segments; None: counted from 1
    :raises PromptError: when a prompt does not fit the picture
    :raises TextError: when there is no text model for one
    """
    numbers = range(1, len(scene) + 1) if ids is None else np.asarray(ids).tolist()
    if prompts:
        answers = scene.answer(prompts)
        segments = [s for n, answer in enumerate(answers) for s in _answers(n, answer, numbers)]
    else:
        rows = zip(scene.run_lengths(), numbers, scene.scores.tolist())
        segments = [Segment(runs, number, score) for runs, number, score in rows]
    return Result(scene.height, scene.width, tuple(segments), scene.boxes)


def _answers(number: int, answer, ids: Sequence[int]) -> list[Segment]:
    """A segment a match; one for all of them when a union was asked for."""
    return [
        Segment(
            runs,
            ids[index],
            float(answer.scene.scores[index]),
            number,
            float(score),
            label or answer.prompt.text,
        )
        for runs, index, score, label in zip(
            answer.run_lengths(),
            answer.indices.tolist(),
            answer.scores.tolist(),
            answer.labels,
        )
    ]


def pack(result: Result) -> bytes:
    """A result as bytes, without loss."""
    head = {
        'height': result.height,
        'width': result.width,
        'boxes': len(result.boxes),
        'segments': [_description(segment) for segment in result.segments],
    }
    counts = [segment.runs.counts for segment in result.segments]
    text = json.dumps(head).encode()
    parts = [len(text).to_bytes(4, 'little'), text, result.boxes.astype('<f4').tobytes()]
    return b''.join(parts + [count.astype('<u4').tobytes() for count in counts])


def unpack(data: bytes) -> Result:
    """The result that `pack` was given."""
    length = 4 + int.from_bytes(data[:4], 'little')
    head = json.loads(data[4:length])
    boxes = np.frombuffer(data, '<f4', head['boxes'] * 4, length).reshape(-1, 4)
    position = length + boxes.nbytes
    segments = []
    for fields in head['segments']:
        counts = np.frombuffer(data, '<u4', fields.pop('runs'), position)
        position += counts.nbytes
        segments.append(Segment(RunLengths(*fields.pop('box'), counts), **fields))
    return Result(head['height'], head['width'], tuple(segments), boxes)


def _description(segment: Segment) -> dict:
    runs = segment.runs
    return {
        'box': [runs.x, runs.y, runs.width, runs.height, runs.area],
        'runs': len(runs.counts),
        'id': segment.id,
        'score': segment.score,
        'prompt': segment.prompt,
        'prompt_score': segment.prompt_score,
        'label': segment.label,
    }
