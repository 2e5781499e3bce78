# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One camera's things and the identities of all its segments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import RLock

import numpy as np

from fastsam_ros.core import Answer, Scene
from fastsam_ros.following.association import follow, leave, part_of
from fastsam_ros.following.carry import Carried, Masked, carry, moved
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.frames import Frame, Tracked
from fastsam_ros.following.identities import Identities
from fastsam_ros.following.motion import Motion
from fastsam_ros.following.small_mask import Grid
from fastsam_ros.following.thing import Group, Part, Status, Thing, groups_of, statuses
from fastsam_ros.following.view import View

CANDIDATES = 0.1  # confidence down to which what is followed is found again


class Tracker:
    """
    Follows the things of one camera and numbers its segments; no id is given twice.

    All methods may be called from any thread. One lock guards what is known, held for as long
    as a frame takes (milliseconds); `bind` about an older frame catches up before it takes it.
    `carry` never waits for the network.

    :param lost_after: s that a thing is searched for until it is LOST; may be set at any time
    :param carry_for: s that a thing is carried on without the network; may be set at any time
    """

    def __init__(self, lost_after: float = 5.0, carry_for: float = 0.5) -> None:
        self.lost_after = lost_after
        self.carry_for = carry_for
        self._motion = Motion()
        self._identities = Identities()
        self._things: dict[str, Thing] = {}
        self._view: View | None = None  # of the newest frame
        self._newest: Tracked | None = None
        self._lock = RLock()

    @property
    def names(self) -> tuple[str, ...]:
        """Of the things, in the order in which they came."""
        with self._lock:
            return tuple(self._things)

    @property
    def newest(self) -> Tracked | None:
        """What `update` said last, with the things bound since then; None before the first."""
        return self._newest

    def update(self, image: np.ndarray, scene: Scene, stamp: int) -> Tracked:
        """
        Take the next frame.

        A stamp that is not after the last one (a bag that loops, a camera that restarts) begins
        anew, as after `reset`.

        :param image: (H, W, 3) uint8 RGB; of a scene without its image it is kept, not copied,
            until the next one: who reads every frame into the same memory gives a copy then
        :param scene: what the network found in it; all of its segments are looked at, those
            behind the first `scene.confident` too
        :param stamp: of the image, ns
        :raises ImageError: when it is no RGB image, or not of the scene's size
        """
        view = View.of(image, scene, stamp, np.zeros(len(scene), np.uint32))
        with self._lock:
            if self._view is not None and stamp <= self._view.stamp:
                self.reset()
            before = self._view
            self._motion.add(image, stamp)
            flow = self._motion.between(before.stamp, stamp) if before else None
            self._number(view, flow)
            follow([part for thing in self._things.values() for part in thing.parts], view, flow)
            self._view = view
            tracked = self._publish(*self._statuses(*self._things.values()))
            if before:  # who carries may just be on the way from it
                self._motion.forget_before(before.stamp)
            return tracked

    def bind(
        self,
        name: str,
        answers: Sequence[Answer],
        frame: Frame | None = None,
        later: Iterable[Frame] = (),
    ) -> Status:
        """
        Follow from now on what answers prompts; whatever had that name ends.

        Segments keep the ids that they have in the frame. What was asked about an older frame is
        followed through the kept frames to the newest one first.

        :param name: of the standing prompt
        :param answers: to the prompts that share the name, about the scene of the frame; together
            they have at least one segment
        :param frame: that was asked about; None: the newest one
        :param later: kept frames after it, oldest first, to the newest
        :return: how it stands on the frame that was asked about
        :raises ValueError: when nothing answers, or there was no frame yet
        :raises ImageError: when a frame's image is not of its scene's size
        """
        motion = Motion()
        view = self._view if frame is None else _view_of(frame, motion)
        if view is None:
            raise ValueError(f'{name!r} cannot be bound before the first frame: update first')
        thing = Thing(name, _groups(view, answers), view.stamp)
        if not thing.groups:
            raise ValueError(f'nothing answers {name!r}, so there is nothing to follow')
        (status,) = statuses([thing], view.scene, view.stamp, self.lost_after)
        reached = _catch_up(thing, view, motion, later)
        with self._lock:
            self._meet(thing, reached, motion)
            self._things[name] = thing
            if self._newest is not None:
                known = {other.name: other for other in self._newest.things}
                self._publish(*{**known, name: self._statuses(thing)[0]}.values())
        return status

    def drop(self, names: Iterable[str] = ()) -> list[str]:
        """
        End things.

        :param names: which; none: all
        :return: those that were there
        """
        with self._lock:
            gone = [name for name in (list(names) or list(self._things)) if name in self._things]
            for name in gone:
                del self._things[name]
            if self._newest is not None:
                left = [status for status in self._newest.things if status.name not in gone]
                self._publish(*left)
            return gone

    def reset(self) -> None:
        """
        Forget the frames: the next one may show anything and have any stamp.

        Things stay and are searched for by their looks; ids go on.
        """
        with self._lock:
            self._motion.forget()
            self._identities.forget()
            self._view = self._newest = None
            for thing in self._things.values():
                _lose(thing)

    def look(self, scene: Scene) -> np.ndarray:
        """
        Number the segments of a frame that is not in the row, without learning from it.

        :return: (N,) uint32
        """
        return self._identities.look(scene.boxes, scene.coefficients)

    def fresh(self, count: int) -> np.ndarray:
        """Ids that nothing else has or will get: (count,) uint32."""
        return self._identities.fresh(count)

    def carry(self, image: np.ndarray, stamp: int) -> Carried:
        """
        Where the things are on a camera's frame that the network has not seen.

        Call it for every frame that the camera brings, while anybody wants to know: flow goes
        from each to the next. The things are those of the newest `update`.

        :param image: (H, W, 3) uint8 RGB
        :param stamp: of the image, ns
        :raises ImageError: when it is no RGB image
        """
        self._motion.add(image, stamp)
        newest = self._newest
        if newest is None:
            return Carried(stamp, ())
        return carry(newest, self._motion, image.shape[:2], stamp, self.carry_for)

    def move(
        self, segments: Sequence[Masked], image: np.ndarray, stamp: int
    ) -> tuple[Masked, ...] | None:
        """
        Where any segments of the newest `update` are on a frame that the network has not seen.

        :param segments: each a dataclass with a mask, `runs`
        :param image: (H, W, 3) uint8 RGB
        :param stamp: of the image, ns
        :return: without those that have left the picture; None: the picture was cut
        :raises ImageError: when it is no RGB image
        :raises ValueError: when there was no `update` yet
        """
        newest = self._newest
        if newest is None:
            raise ValueError('before the first frame no segments can be moved: call update')
        self._motion.add(image, stamp)
        flow = self._motion.between(newest.stamp, stamp)
        return None if flow is None else moved(segments, flow, Grid(*image.shape[:2]))

    def _number(self, view: View, flow: Flow | None) -> None:
        """Give ids to the confident segments only: candidates come and go by the hundred."""
        scene, sure = view.scene, slice(view.scene.confident)
        view.ids[sure] = self._identities.update(
            view.image_boxes[sure], scene.coefficients[sure], flow, view.grid.factor)

    def _statuses(self, *things: Thing) -> list[Status]:
        """How things stand on the newest frame; once a frame, as they hear their names there."""
        return statuses(things, self._view.scene, self._view.stamp, self.lost_after)

    def _publish(self, *things: Status) -> Tracked:
        """Say how all things stand on the newest frame, where each part's id is its segment's."""
        view, ids = self._view, self._view.ids.tolist()
        for thing in self._things.values():
            for part in thing.parts:
                if part.index >= 0 and ids[part.index] != part.id:
                    self._claim(ids, part)
        ids = np.array(ids, np.uint32)
        view.ids = ids
        self._newest = Tracked(view.stamp, ids, things, view.grid)
        return self._newest

    def _claim(self, ids: list[int], part: Part) -> None:
        """Give a part's segment its id, in whichever place that id was taken to be."""
        if ids[part.index]:
            self._identities.rename(ids[part.index], part.id)
        if part.id in ids:
            ids[ids.index(part.id)] = int(self._identities.fresh(1)[0])
        ids[part.index] = part.id

    def _meet(self, thing: Thing, reached: View, motion: Motion) -> None:
        """
        Bring a thing from the frame that it has reached to the newest one.

        :param motion: of the frames that the thing was followed through
        """
        view = self._view
        if view is None:
            _lose(thing)
        elif view.stamp != reached.stamp:
            motion.add(reached.image, reached.stamp)  # there already, unless it was the newest
            motion.add(view.image, view.stamp)
            follow(thing.parts, view, motion.between(reached.stamp, view.stamp))


def _lose(thing: Thing) -> None:
    """Nothing of a thing is seen, and no frame is kept in which it was."""
    for part in thing.parts:
        leave(part)
    thing.lose()


def _groups(view: View, answers: Sequence[Answer]) -> list[Group]:
    known: dict[int, Part] = {}  # what answers two prompts is one part
    groups = []
    for answer in answers:
        for index in (*answer.indices.tolist(), *answer.removed.tolist()):
            if index not in known:
                known[index] = part_of(view, index, int(view.ids[index]))
        parts, removed = (
            [known[index] for index in indices.tolist()]
            for indices in (answer.indices, answer.removed))
        for part, score in zip(parts, answer.scores.tolist()):
            part.likely = score
        groups += groups_of(answer, parts, removed)
    return groups


def _view_of(frame: Frame, motion: Motion) -> View:
    view = View.of(frame.image, frame.scene, frame.stamp, frame.ids)
    motion.add(frame.image, frame.stamp)
    return view


def _catch_up(thing: Thing, view: View, motion: Motion, later: Iterable[Frame]) -> View:
    """Follow a thing through frames after the one where it was bound: the last of them."""
    for after in later:
        before, view = view.stamp, _view_of(after, motion)
        follow(thing.parts, view, motion.between(before, after.stamp))
        statuses([thing], after.scene, after.stamp, 0)
    return view
