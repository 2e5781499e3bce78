# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Everything that belongs to one camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
import math
from threading import Lock
import time

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CompressedImage, Image

from fastsam_ros.core import ImageError, Scene
from fastsam_ros.following.thing import Status
from fastsam_ros.following.tracker import Tracked, Tracker
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.depth.camera import ALL, PROMPTED, TRACKED, Seen, SpaceCamera
from fastsam_ros.ros.depth.transforms import Transforms
from fastsam_ros.ros.inference.counters import Counters
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.inference.history import History
from fastsam_ros.ros.inference.standing import Standing
from fastsam_ros.ros.topics import messages
from fastsam_ros.ros.topics.image_subscription import ImageSubscription
from fastsam_ros.ros.topics.publishers import Publishers
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import SECOND, stamp_of

NEAR = SECOND  # ns; longer ago nothing is where it was
EARLY = 0.2  # periods of max_rate that a frame may come too early, or too late for the next one
RESTARTED = SECOND  # ns; a stamp that goes back so far is another recording, not a late image


class Camera:
    """
    One camera's frames, prompts, counts and topics.

    :param node: whose it is
    :param name: '' when it is the only one
    :param settings: the node's parameters, always up to date
    :param changed: is told when a standing prompt changed
    :param transforms: looks TF frames up
    """

    def __init__(
        self, node: Node, name: str, settings: Mapping[str, object], changed: Callable[[], None],
        transforms: Transforms,
    ) -> None:
        self.name, self._settings, self._transforms = name, settings, transforms
        self.logger = node.get_logger()
        self.counters = Counters()
        self.history = History(settings['history'], settings['history_mb'])
        self.tracker = Tracker()
        self.standing = Standing(self.tracker, changed)
        self.publishers = Publishers(node, name)
        try:
            self.space = SpaceCamera(
                node, name, settings, transforms, getattr(node.model, 'names', ()))
        except Exception:
            self.publishers.close()
            raise
        self.space.asked_for = lambda: len(self.standing) > 0
        self.subscription: ImageSubscription | None = None
        self._clock = node.get_clock()
        self._session = 0  # counts how often the stamps began anew
        self._stamp = -math.inf  # of the newest image, ns
        self._newest = -math.inf  # its frame's time: a little more where stamps are equal
        self._followed = -math.inf  # of the newest frame that things were followed to, ns
        self._due = 0.0  # when the network may see the next frame, time.monotonic()
        self._row = Lock()  # frames are followed one after the other

    def apply(self) -> None:
        """Take over settings that may have changed."""
        self.history.resize(self._settings['history'], self._settings['history_mb'])
        self.tracker.lost_after = self._settings['lost_after']
        self.tracker.carry_for = self._settings['carry']

    def start(self) -> None:
        """Listen to images, and to depth if there is any."""
        self.subscription.start(self._settings['image_reliability'])
        self.space.start(self._settings['image_reliability'])

    def stop(self) -> None:
        """Listen no more."""
        self.subscription.stop()
        self.space.stop()

    def look_around(self) -> None:
        """Take over what has changed in the graph; say why no image comes."""
        self.subscription.match(self._settings['image_reliability'])
        self.space.match(self._settings['image_reliability'])
        self.subscription.explain_silence(self.counters.received)
        self.publishers.check()

    def close(self) -> None:
        """Take the topics away."""
        self.publishers.close()
        self.space.close()

    def pause(self) -> None:
        """Forget the frames and who is who; prompts stay, and no id comes again."""
        self.history.clear()
        self.publishers.rest()
        self.standing.pause('the node was deactivated and has not seen it since')
        self._stamp = self._newest = self._followed = -math.inf
        self._session += 1

    def is_streaming(self) -> bool:
        """Whether the network is to see each frame."""
        return (self._settings['mode'] == 'everything' or len(self.standing) > 0
                or self.publishers.wants_everything() or self.space.wants(ALL)
                or self.space.classes.wanted() or self._owes_an_end())

    def wants_tracked(self) -> bool:
        """Whether anybody wants to know where the things are on each frame, in space or not."""
        return self.publishers.wants_tracked() or self.space.wants(TRACKED)

    def _owes_an_end(self) -> bool:
        """Whether somebody still sees what was asked for, though nothing stands any more."""
        return self.publishers.shows_a_mask() or self.space.shows(PROMPTED)

    def receive(self, message: Image | CompressedImage) -> Frame | None:
        """
        Take an image.

        :return: its frame; None when it is late
        """
        self.counters.image()
        frame = Frame(message, session=self._session)
        stamp = frame.time
        if stamp < self._stamp - RESTARTED:
            self._begin_anew(frame)
        elif stamp < self._stamp:
            self.counters.count('late')
            return None
        else:  # images of one stamp are as many frames all the same, one after the other
            frame.time = max(stamp, self._newest + 1)
        self._stamp, self._newest = stamp, frame.time
        self.history.add(frame)
        return frame

    def _begin_anew(self, frame: Frame) -> None:
        """The stamps went back: a bag that loops, or a camera that was started again."""
        seconds = (self._stamp - frame.time) / SECOND
        self.logger.warning(
            f'the stamps of {self.subscription.topic} went back by {seconds:.1f} s: frames kept '
            'so far are forgotten, and what standing prompts follow is searched for')
        self.counters.count('restarts')
        self._transforms.forget()
        with self._row:
            self._session += 1
            self._followed = -math.inf
            frame.session = self._session
            self.history.clear()
            self.standing.pause('the stamps of the camera went back, and it was not seen since')

    def may_run(self) -> bool:
        """Whether max_rate lets the network see a frame now."""
        rate, now = self._settings['max_rate'], time.monotonic()
        if not rate:
            return True
        early, late = EARLY / rate, now - self._due
        if late < -early:
            return False
        # From when it was due, so that a camera of nearly that rate is not halved.
        self._due = now + 1 / rate - min(late, early)
        return True

    def drop(self, frame: Frame) -> None:
        """A newer frame took its place."""
        self.counters.count('dropped')
        frame.settled.set()

    def fail(self, frame: Frame, error: Exception) -> None:
        """It could not be read, segmented or published."""
        self.counters.count('failed')
        frame.settled.set()
        complain(self.logger, error)

    def process(self, frame: Frame, scene: Scene) -> Result:
        """Publish what the network found in a frame, and keep it for prompts."""
        # Known before it is published: who sees a result may ask about it at once.
        result = frame.keep(self.identify(frame, scene))
        frame.settled.set()
        self.history.segmented(frame)
        self.publishers.everything(result)
        return result

    def identify(self, frame: Frame, scene: Scene) -> Result:
        """
        Give a scene's segments their ids, and follow the things to its frame.

        Frames that somebody asks about are mostly not in the row of those that are followed: a
        thing that is followed has its id there too, and no other thing gets it.
        """
        header = frame.message.header
        with self._row:
            if frame.session != self._session:
                return Result(header, scene, self.tracker.fresh(len(scene)))
            if frame.time <= self._followed:
                return Result(header, scene, self._look(frame, scene))
            tracked = self.tracker.update(frame.picture(), scene, frame.time)
            self._followed = frame.time
            return Result(header, scene, self._ids(tracked), tracked.things)

    def _look(self, frame: Frame, scene: Scene) -> np.ndarray:
        if not self._settings['tracking'] or self._followed - frame.time > NEAR:
            return self.tracker.fresh(len(scene))
        return self.tracker.look(scene)

    def _ids(self, tracked: Tracked) -> np.ndarray:
        if self._settings['tracking']:
            return tracked.ids
        followed = [id for status in tracked.things for id in status.segment_ids]
        fresh = self.tracker.fresh(len(tracked.ids))
        return np.where(np.isin(tracked.ids, followed), tracked.ids, fresh)

    def statuses(self, frame: Frame, result: Result) -> list[Status]:
        """How the standing prompts stand on a frame, published too."""
        if result.things is None:
            return []
        statuses = self.standing.update(frame, result)
        size = (result.scene.height, result.scene.width)
        self.publishers.prompted(result.header, size, statuses)
        if statuses:
            self.space.publish_mask_info(result.header)
        return statuses

    def track(self, frame: Frame) -> None:
        """Publish where the things are on a frame that the network has not seen."""
        try:
            picture = frame.picture()
        except ImageError as error:
            complain(self.logger, error)
            return
        carried = self.tracker.carry(picture, frame.time)
        statuses = self.standing.carried(carried.things)
        if frame.session != self._session:
            return  # the stamps began anew meanwhile
        header, size = frame.message.header, picture.shape[:2]
        self.publishers.tracked(header, size, statuses)
        if statuses and self.space.wants(TRACKED):
            asked = [segment for status in statuses for segment in status.segments]
            self.space.offer(TRACKED, Seen(header, *size, asked, picture))
        if statuses:
            self.counters.tracked(time.monotonic() - frame.arrived)

    def ask_words(self, frame: Frame) -> None:
        """Ask again what is asked in words; takes its time."""
        for prompt in self.standing.words():
            try:
                self.standing.ask_again(prompt, frame, lambda: self.history.since(frame))
            except Exception as error:  # an encoder of the user's own may raise anything
                complain(self.logger, error)

    def place(self, frame: Frame, result: Result, statuses: Sequence[Status]) -> None:
        """Hand segments on to where their depth is known; publishes nothing by itself."""
        size = result.scene.height, result.scene.width
        if self.space.wants(ALL):
            self.space.offer(ALL, Seen(
                result.header, *size, messages.segments(result), frame.picture()))
        if self.space.classes.wanted():
            self.space.classes.publish_map(result.header, *size, messages.segments(result))
        if not len(self.standing):
            self.space.end(PROMPTED, result.header)
        elif statuses and self.space.wants(PROMPTED):
            asked = [segment for status in statuses for segment in status.segments]
            self.space.offer(PROMPTED, Seen(result.header, *size, asked, frame.picture()))

    def paint(self, frame: Frame, result: Result, statuses: Sequence[Status]) -> None:
        """Publish the overlay and the edges."""
        self.publishers.paint(result, statuses, frame.picture())

    def count(self, frame: Frame, result: Result) -> None:
        """Its results went out."""
        stamp = stamp_of(result.header)  # which drivers may fill with anything
        delay = (self._clock.now().nanoseconds - stamp) / SECOND
        self.counters.result(
            result.scene.confident, time.monotonic() - frame.arrived, delay)
