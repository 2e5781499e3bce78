# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A thing: what a standing prompt is bound to, and how it stands.

A thing publishes segments. Each has an id and is made of parts; a part is one segment of the
network's, found again on each frame. A prompt for the best or for all matches publishes each of
its matches by itself; a union publishes one segment, joined of its parts, from which the parts
that background points took away stay cut out. Several prompts may be one thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from fastsam_ros.core import Answer, RunLengths, Scene, Selection
from fastsam_ros.following.small_mask import SmallMask
from fastsam_ros.following.view import View

REMEMBERED = 0.9  # what a frame's vote for a label still counts a frame later
UNNAMED = 0.5  # vote of a frame without a label; labels are shown from 0.75 on
Labels = Mapping[int, 'tuple[str, float]']  # of segments by their indices, and how sure they are


class State(IntEnum):
    """How a standing prompt stands; the numbers are those of `msg/PromptStatus`."""

    UNKNOWN = 0  # not asked yet
    FOLLOWED = 1  # some of it is seen in this frame
    SEARCHING = 2  # nothing of it is seen
    LOST = 3  # searched for longer than `Tracker.lost_after`


@dataclass(frozen=True, eq=False)
class ThingSegment:
    """
    A segment of a thing on one frame.

    :param id: stays with it from frame to frame
    :param runs: the mask
    :param score: the network's confidence, of the largest part, 0 to 1
    :param prompt_score: how surely it is what was asked for, 0 to 1
    :param label: what it is, as a text prompt said or the network knows; or ''
    :param index: of the largest part among the scene's segments
    :param label_score: how sure the label is, 0 to 1
    """

    id: int
    runs: RunLengths
    score: float
    prompt_score: float
    label: str
    index: int
    label_score: float = 0.0


@dataclass(frozen=True, eq=False)
class Status:
    """
    A thing on one frame.

    :param name: of the standing prompt (`Prompt.id`)
    :param state: see `State`
    :param segments: what is seen of it; empty unless it is FOLLOWED
    :param seen: stamp of the last frame in which the network saw it, ns
    :param message: why it is not FOLLOWED; '' when it is. It stays the same while nothing changes
    """

    name: str
    state: State
    segments: tuple[ThingSegment, ...]
    seen: int
    message: str = ''

    @property
    def segment_ids(self) -> tuple[int, ...]:
        """Ids of what is seen of it."""
        return tuple(segment.id for segment in self.segments)


@dataclass(eq=False)
class Part:
    """
    One segment that is followed.

    :param id: of the segment
    :param index: where it is among the segments of the newest frame; -1: not seen there
    :param mask: where it is or would be, of the last frames
    :param area: of its mask lately, pixels of the shrunk picture
    :param first, last: what it looked like when it was bound, and lately
    :param likely: how surely it was found again, 0 to 1
    :param whole: the last frame in which all of it was seen, and where there; None: it is missing
    :param place: middle of its box, twice, (2, 2) x, y, pixels of the shrunk picture; while it is
        missing, where it was in the picture, and where the picture as a whole has carried that;
        None: nobody knows
    :param seen: stamp of the last frame in which it was seen, ns
    :param others: ids of what looks like it and was seen beside it
    :param judged: ids of all that was seen beside it and compared
    :param likest: how much the most similar of these looked like it, 0 to 1
    :param steady: how much it looked like itself lately, 0 to 1
    :param claims, claiming: ids of what may be it, away from where it was; of the frame before
        and of this one
    :param rivals: ids of what looks like it, is as large and lies over it
    :param crossed: whether one lay over it, or vanished there, since it was seen last
    :param kin: the other parts of its thing
    :param vanished: stamps by ids, ns; when rivals have vanished, as long as that tells anything
    """

    id: int
    index: int
    mask: SmallMask
    area: float
    first: np.ndarray
    last: np.ndarray
    likely: float = 1.0
    whole: tuple[View, int] | None = None
    place: np.ndarray | None = None
    seen: int = 0
    others: set[int] = field(default_factory=set)
    judged: set[int] = field(default_factory=set)
    likest: float = 0.0
    steady: float = 0.9
    claims: set[int] = field(default_factory=set)
    claiming: set[int] = field(default_factory=set)
    rivals: set[int] = field(default_factory=set)
    crossed: bool = False
    vanished: dict[int, int] = field(default_factory=dict)
    kin: list[Part] = field(default_factory=list)


class Votes:
    """What a thing was called on the frames so far, so that its label does not flicker."""

    def __init__(self) -> None:
        self._weight = 0.0
        self._votes: dict[str, float] = {}

    def add(self, label: str, score: float) -> tuple[str, float]:
        """
        Hear what it is called on a frame.

        :param label: '': nobody knows
        :param score: how sure that is, 0 to 1
        :return: what it is called most, and how surely; '' and 0 where that is nothing
        """
        self._weight = REMEMBERED * self._weight + 1
        self._votes = {name: REMEMBERED * vote for name, vote in self._votes.items()}
        self._votes[label] = self._votes.get(label, 0) + (score if label else UNNAMED)
        best = max(self._votes, key=self._votes.__getitem__)
        return best, self._votes[best] / self._weight if best else 0.0


@dataclass(eq=False)
class Group:
    """
    What is published as one segment.

    :param parts: largest first, at least one; its id is the first one's
    :param removed: what is cut out
    :param label: what a text asked for; '': what the network calls it most is its label
    """

    parts: list[Part]
    removed: list[Part] = field(default_factory=list)
    label: str = ''
    votes: Votes = field(default_factory=Votes)

    @property
    def main(self) -> Part | None:
        """The largest part that is seen."""
        return next((part for part in self.parts if part.index >= 0), None)

    def segment(self, scene: Scene, labels: Labels) -> ThingSegment | None:
        """
        What is seen of it in a scene; None: nothing.

        :param labels: of the scene's segments, at least of the largest part
        """
        main = self.main
        if main is None:
            return None
        runs = _joined(scene, *(
            [part for part in parts if part.index >= 0] for parts in (self.parts, self.removed)))
        label, sure = self.label, main.likely
        if not label:
            label, sure = self.votes.add(*labels[main.index])
        return ThingSegment(
            self.parts[0].id, runs, float(scene.scores[main.index]), main.likely, label,
            main.index, sure)


@dataclass(eq=False)
class Thing:
    """
    What a standing prompt is bound to.

    :param name: of the prompt
    :param groups: what it publishes
    :param seen: stamp of the last frame in which it was seen, ns
    :param since: stamp from which the time until it is LOST counts, ns; None: the next frame's
    """

    name: str
    groups: list[Group]
    seen: int
    since: int | None = None

    def __post_init__(self) -> None:
        parts = self.parts
        for part in parts:
            part.kin = [other for other in parts if other is not part]

    @property
    def parts(self) -> list[Part]:
        """All that is followed for it, each once."""
        return [*dict.fromkeys(
            part for group in self.groups for part in (*group.parts, *group.removed))]

    def lose(self) -> None:
        """Nothing of it is seen; where it was tells nothing any more."""
        self.since = None
        for part in self.parts:
            part.index = -1

    def status(self, scene: Scene, stamp: int, lost_after: float, labels: Labels) -> Status:
        """
        How it stands on a frame; see `statuses`.

        :param labels: of the scene's segments, at least of what is seen of it
        """
        found = [group.segment(scene, labels) for group in self.groups]
        segments = tuple(segment for segment in found if segment and segment.runs.area)
        if segments:
            self.seen = self.since = stamp
            return Status(self.name, State.FOLLOWED, segments, stamp)
        return self.missing(stamp, lost_after)

    def missing(self, stamp: int, lost_after: float) -> Status:
        """How it stands on a frame in which nothing of it is seen."""
        if self.since is None:
            self.since = stamp
        if stamp - self.since > lost_after * 1e9:
            message = (
                f'not seen for more than {lost_after:g} s; it is found again only by its looks')
            return Status(self.name, State.LOST, (), self.seen, message)
        message = 'no segment of this frame continues it'
        return Status(self.name, State.SEARCHING, (), self.seen, message)


def statuses(
    things: Iterable[Thing], scene: Scene, stamp: int, lost_after: float
) -> list[Status]:
    """
    How things stand on a frame; to be called once, when their parts were looked for there.

    :param scene: of the frame
    :param stamp: of the frame, ns
    :param lost_after: s
    """
    things = list(things)
    mains = [group.main for thing in things for group in thing.groups if not group.label]
    seen = sorted({main.index for main in mains if main is not None})
    labels = dict(zip(seen, scene.labels_at(seen)))  # together, as each look takes its time
    return [thing.status(scene, stamp, lost_after, labels) for thing in things]


def groups_of(answer: Answer, parts: Sequence[Part], removed: Sequence[Part]) -> list[Group]:
    """
    What an answer publishes.

    :param answer: to a prompt
    :param parts: one for each of `answer.indices`
    :param removed: one for each of `answer.removed`
    """
    if answer.prompt.selection != Selection.UNION:
        return [Group([part], [], label) for part, label in zip(parts, answer.labels)]
    by_size = sorted(parts, key=lambda part: -part.area)
    return [Group(by_size, [*removed], answer.labels[0])] if by_size else []


def _joined(scene: Scene, parts: Sequence[Part], removed: Sequence[Part]) -> RunLengths:
    if len(parts) == 1 and not removed:
        return scene.runs[parts[0].index]
    mask = scene.masks([part.index for part in parts]).any(axis=0)
    for runs in (scene.runs[part.index] for part in removed):
        mask[runs.window] &= ~runs.mask()
    return RunLengths.from_mask(mask)
