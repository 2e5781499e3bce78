# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is kept of one picture or frame: its segments, as they are drawn, written and stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import json

import numpy as np

from fastsam_ros.core.answers import Answer
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.prompts import Prompt
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
    :param label: the text it was matched to, or what the network calls it, or ''
    :param thing: the name of the followed thing that it belongs to, or ''
    :param label_score: how sure the label is, 0 to 1; 0 without one
    """

    runs: RunLengths
    id: int
    score: float
    prompt: int = -1
    prompt_score: float = 0.0
    label: str = ''
    thing: str = ''
    label_score: float = 0.0


@dataclass(frozen=True)
class PromptState:
    """
    How a prompt stands on a frame of a video or bag.

    :param name: its id, or its number
    :param state: followed, searching or lost
    :param message: why it is not followed, or ''
    :param seen: sec and nanosec in the header of the last image in which the network saw it
    """

    name: str
    state: str
    message: str = ''
    seen: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class Result:
    """
    The segments of one picture or frame, most confident first, or by prompt and best first.

    :param height: of the picture, pixels
    :param width: of the picture, pixels
    :param segments: what was found or asked for
    :param states: how prompts stand, of frames
    """

    height: int
    width: int
    segments: tuple[Segment, ...]
    states: tuple[PromptState, ...] = ()

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
    :param prompts: what is asked; none: everything that the network is sure of
    :param ids: (N,) of the scene's segments; None: counted from 1
    :raises PromptError: when a prompt does not fit the picture
    :raises TextError: when there is no text model for one
    """
    numbers = range(1, len(scene) + 1) if ids is None else np.asarray(ids).tolist()
    if prompts:
        answers = scene.answer(prompts)
        segments = [
            s for n, answer in enumerate(answers) for s in answer_segments(n, answer, numbers)]
    else:
        sure = scene.without_candidates
        rows = zip(
            sure.run_lengths(), numbers, sure.scores.tolist(), sure.labels,
            sure.label_scores.tolist())
        segments = [
            Segment(runs, number, score, label=label, label_score=likely)
            for runs, number, score, label, likely in rows]
    return Result(scene.height, scene.width, tuple(segments))


def answer_segments(number: int, answer: Answer, ids: Sequence[int]) -> list[Segment]:
    """
    A segment a match; one for all of them when a union was asked for.

    :param number: of the prompt
    :param answer: to it
    :param ids: (N,) of the scene's segments
    """
    scene, segments = answer.scene, []
    rows = zip(
        answer.run_lengths(), answer.indices.tolist(), answer.scores.tolist(), answer.labels)
    for runs, index, score, matched in rows:
        matched = matched or answer.prompt.text
        segments.append(Segment(
            runs, int(ids[index]), float(scene.scores[index]), number, score,
            label=matched or scene.labels[index],
            label_score=score if matched else float(scene.label_scores[index])))
    return segments


def pack(result: Result) -> bytes:
    """A result as bytes, without loss."""
    head = {
        'height': result.height,
        'width': result.width,
        'states': [[s.name, s.state, s.message, s.seen] for s in result.states],
        'segments': [_description(segment) for segment in result.segments],
    }
    counts = [segment.runs.counts for segment in result.segments]
    text = json.dumps(head).encode()
    parts = [len(text).to_bytes(4, 'little'), text]
    return b''.join(parts + [count.astype('<u4').tobytes() for count in counts])


def unpack(data: bytes) -> Result:
    """The result that `pack` was given."""
    position = 4 + int.from_bytes(data[:4], 'little')
    head = json.loads(data[4:position])
    segments = []
    for fields in head['segments']:
        counts = np.frombuffer(data, '<u4', fields.pop('runs'), position)
        position += counts.nbytes
        segments.append(Segment(RunLengths(*fields.pop('box'), counts), **fields))
    states = tuple(
        PromptState(name, state, message, tuple(seen))
        for name, state, message, seen in head['states'])
    return Result(head['height'], head['width'], tuple(segments), states)


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
        'thing': segment.thing,
        'label_score': segment.label_score,
    }
