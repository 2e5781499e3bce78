# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""One camera's things in space: what the network found, once its depth is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

import numpy as np
from rclpy.node import Node
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_msgs.msg import Header

from fastsam_ros.core.errors import DepthError
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.depth.outputs import ClassMap, MaskedDepth, Outputs, Places, with_header
from fastsam_ros.ros.depth.registration import Registration, find_pose
from fastsam_ros.ros.depth.report import Report
from fastsam_ros.ros.depth.subscriptions import Calibration, Input, Inputs
from fastsam_ros.ros.depth.transforms import Transforms
from fastsam_ros.ros.topics.stamps import stamp_of
from fastsam_ros.ros.worker import NewestWorker
from fastsam_ros.space.boxes import OPTICAL
from fastsam_ros.space.pairing import Pair, Pairing
from fastsam_ros.space.points import cloud
from fastsam_ros.space.projection import pixel_of
from fastsam_ros.space.things import Segment, things_of

ALL, PROMPTED, DETECTED, TRACKED = KINDS = '', 'prompted', 'detected', 'tracked'


@dataclass(frozen=True, eq=False)
class Seen:
    """
    Segments of an image, on their way into space.

    :param header: the image's
    :param height: of the image, pixels
    :param width: of the image, pixels
    :param segments: what is to be shown
    :param picture: (H, W, 3) uint8 RGB, for the points' colours; or None
    """

    header: Header
    height: int
    width: int
    segments: Sequence[Segment]
    picture: np.ndarray | None = None

    @property
    def stamp(self) -> int:
        """Nanoseconds."""
        return stamp_of(self.header)


class SpaceCamera:
    """
    Everything in space of one camera.

    :param node: whose it is
    :param name: of the camera; '' when it is the only one
    :param settings: the node's parameters
    :param transforms: looks frames up
    :param names: what labels there can be
    """

    def __init__(
        self, node: Node, name: str, settings: Mapping[str, object], transforms: Transforms,
        names: Sequence[str] = (),
    ) -> None:
        prefix, base = (f'{name}/', f'~/{name}/') if name else ('', '~/')
        self.logger = node.get_logger()
        self._target, self.depth = settings['target_frame'], settings['depth']
        full = node.resolve_topic_name
        self.calibration = Calibration(full(f'{prefix}image'), full(f'{prefix}camera_info'))
        depth = Calibration(full(f'{prefix}depth'), full(f'{prefix}depth/camera_info'))
        self._registration = Registration(
            self.calibration, depth, find_pose(node, name, settings), transforms)
        self._transforms = transforms
        self.classes = ClassMap(node, base, names)
        self._mask = Outputs(node)
        self._mask_info = f'{base}mask/camera_info'
        self._mask.create(CameraInfo, self._mask_info)
        inputs = [Input(f'{prefix}camera_info', CameraInfo, self.calibration.receive)]
        self._places: dict[str, Places] = {}
        self._masked: MaskedDepth | None = None
        if self.depth:
            self._masked = MaskedDepth(node, base)
            self._places = {kind: Places(
                node, base + (f'{kind}/' if kind else ''), kind != TRACKED) for kind in KINDS}
            inputs += [
                Input(f'{prefix}depth', Image, self._receive),
                Input(f'{prefix}depth/camera_info', CameraInfo, depth.receive),
                Input(f'{prefix}depth/points', PointCloud2, self._receive)]
        self._inputs = Inputs(node, inputs)
        self._pairings = {kind: Pairing(settings['depth_slop']) for kind in self._places}
        self._workers: dict[str, NewestWorker] = {}
        self._lock = Lock()  # guards pairings, workers and the report
        self._report = Report()
        self.asked_for = lambda: True  # whether any prompt stands; else all depth is outside

    def start(self, reliability: str) -> None:
        """Listen; see the parameter image_reliability."""
        self._inputs.start(reliability)
        with self._lock:
            self._workers = {
                kind: NewestWorker(f'space {kind}', self._fail) for kind in self._places}

    def match(self, reliability: str) -> None:
        """Listen anew where a publisher's reliability has changed."""
        self._inputs.match(reliability)
        self._transforms.match()

    def stop(self) -> None:
        """Listen no more, and forget what waits."""
        self._inputs.stop()
        with self._lock:
            workers, self._workers = self._workers, {}
            for pairing in self._pairings.values():
                pairing.clear()
        for worker in workers.values():
            worker.stop()

    def close(self) -> None:
        """Take the topics away."""
        for outputs in (*self._places.values(), self._masked, self._mask, self.classes):
            if outputs is not None:
                outputs.close()

    @property
    def missing(self) -> set[str]:
        """Packages without which some topics don't exist."""
        return self.classes.missing.union(*(p.missing for p in self._places.values()))

    def report(self) -> Report:
        """How it went so far."""
        with self._lock:
            return self._report

    def wants(self, kind: str) -> bool:
        """Whether anybody subscribes to anything in space of a kind of segments."""
        places = self._places.get(kind)
        return places is not None and (
            places.wanted() or (kind == PROMPTED and self._masked.wanted()))

    def offer(self, kind: str, seen: Seen) -> None:
        """
        Segments of an image are known; they go into space when their depth is there.

        :param kind: ALL, PROMPTED, DETECTED or TRACKED
        :param seen: not needed when nobody `wants` it
        """
        if not seen.stamp:
            self._fail(DepthError('the image has no stamp, so no depth can be its own'))
            return
        with self._lock:
            if kind in self._workers:
                self._hand_over(kind, self._pairings[kind].add_image(seen.stamp, seen))

    def shows(self, kind: str) -> bool:
        """Whether boxes of a kind of segments are drawn, and somebody looks at them."""
        places = self._places.get(kind)
        return places is not None and places.drawn and places.wanted()

    def end(self, kind: str, header: Header) -> None:
        """
        There is nothing of a kind any more: what was drawn of it goes.

        :param kind: PROMPTED, when no prompt stands any more
        :param header: of the image that shows nothing of it
        """
        places = self._places.get(kind)
        if places is None or not places.drawn:
            return
        with self._lock:
            if kind in self._workers:
                self._pairings[kind].flush()  # one that waits for its depth would draw it again
                self._workers[kind].offer(partial(places.clear, header))

    def publish_mask_info(self, header: Header) -> None:
        """The mask of an image was published: so is its calibration."""
        if self._mask.wants(self._mask_info):
            try:
                self._mask.publish(self._mask_info, with_header(self.calibration.info, header))
            except DepthError as error:
                complain(self.logger, error)

    def pixel_of(
        self, point: np.ndarray, frame: str, header: Header, size: tuple[int, int]
    ) -> tuple[int, int]:
        """
        Where an image shows a point in space.

        :param point: (3,) float64 x, y, z, metres
        :param frame: where these are
        :param header: the image's
        :param size: width and height of the image, pixels
        :return: column, row
        :raises DepthError: when it is behind the camera, outside, hidden, or nobody knows
        """
        camera = self.calibration.model(*size)
        if frame != header.frame_id:
            transform = self._transforms.lookup(header.frame_id, frame, header.stamp)
            point = transform(point[None])[0]
        depth = None
        message = self._depth_at(stamp_of(header))
        if message is not None:
            depth = self._registration(message, header, camera).depth
        return pixel_of(point, camera, depth)

    def _depth_at(self, stamp: int) -> object | None:
        with self._lock:
            return self._pairings[ALL].at(stamp) if self._pairings else None

    def _receive(self, message: Image | PointCloud2) -> None:
        """Depth came; runs in the thread of the images, so nothing is computed here."""
        stamp, size = stamp_of(message.header), len(message.data)
        with self._lock:
            for kind in self._workers:
                self._hand_over(kind, self._pairings[kind].add_depth(stamp, message, size))
        if isinstance(message, Image) and self._masked.wanted() and not self.asked_for():
            self._masked.pass_on(message, self._registration.depth_info(message))

    def _hand_over(self, kind: str, pairs: Sequence[Pair[Seen, Image | PointCloud2]]) -> None:
        for pair in pairs:
            self._report = self._report.decided(pair, self._pairings[kind].slop)
            if pair.depth is not None:
                self._workers[kind].offer(partial(self._place, kind, pair.image, pair.depth))

    def _place(self, kind: str, seen: Seen, message: Image | PointCloud2) -> None:
        """Publish what is wanted of some segments; runs in a thread of its own."""
        camera = self.calibration.model(seen.width, seen.height)
        found = self._registration(message, seen.header, camera)
        if not found.depth.density:
            self._fail(DepthError(
                'no pixel of the depth has a measurement, as of a sensor that is covered, or too '
                'near or too far from everything'))
        if kind == PROMPTED and self._masked.wanted() and isinstance(message, Image):
            depth = self._registration.read(message)
            mask = found.inside(_union(seen), depth.pixels.shape)
            self._masked.publish_parts(
                message, depth, mask, self._registration.depth_info(message))
        places = self._places[kind]
        if not places.wanted():
            return
        header, transform = seen.header, None
        if self._target:
            transform = self._transforms.lookup(
                self._target, header.frame_id, header.stamp)
            header = Header(stamp=header.stamp, frame_id=self._target)
        if places.wants(places.cloud):
            runs, ids = ([getattr(s, name) for s in seen.segments] for name in ('runs', 'id'))
            places.publish_cloud(header, partial(
                cloud, runs, ids, found.depth, camera, seen.picture, transform))
        if places.wants(places.markers, places.detections):
            things = things_of(seen.segments, found.depth, camera, transform, self._target)
            optical = transform is None or OPTICAL in self._target
            places.publish_things(header, things, (0.0, -1.0, 0.0) if optical else (0.0, 0.0, 1.0))

    def _fail(self, error: Exception) -> None:
        with self._lock:
            self._report = replace(
                self._report, failed=self._report.failed + 1, reason=str(error))
        complain(self.logger, error)


def _union(seen: Seen) -> np.ndarray:
    """Where any of the segments is: (H, W) bool."""
    mask = np.zeros((seen.height, seen.width), bool)
    for segment in seen.segments:
        mask[segment.runs.window] |= segment.runs.mask()
    return mask
