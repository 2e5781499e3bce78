# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Clicks of other programs become standing prompts named `click`.

rqt_image_view publishes pixels without a header. RViz and Foxglove publish points in space, with a
stamp of their own clock; they are looked for in the newest frame of each camera.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
import math
from threading import Lock

from geometry_msgs.msg import Point, PointStamped
import numpy as np
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.node import Node
from rclpy.subscription import Subscription

from fastsam_ros.core import Answer, FastSamError
from fastsam_ros.core import Prompt as CorePrompt
from fastsam_ros.core.clicks import click_logits
from fastsam_ros.core.logistic import sigmoid
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import PromptStatus
from fastsam_ros.ros.callback_errors import Refused, describe, guarded
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.inference.engine import Engine
from fastsam_ros.ros.inference.frames import Frame
from fastsam_ros.ros.prompting.service import keep_answers
from fastsam_ros.ros.topics.qos import HINTS
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.srv import Prompt

ID = 'click'
SAME_PLACE = 5.0  # pixels; a click so near to the last one asks for the next larger segment
LARGER = 1.05  # times the area; the same segment on a later frame is a little larger or smaller


@dataclass(frozen=True)
class Click:
    """
    One that bound.

    :param id: of its standing prompt
    :param x, y: pixels
    :param area: of the segment that it chose, pixels
    """

    id: str
    x: float
    y: float
    area: int

    def is_at(self, x: float, y: float) -> bool:
        """Whether another click means the same place."""
        return math.hypot(self.x - x, self.y - y) <= SAME_PLACE


class Clicks:
    """
    Takes clicks on pictures and in space.

    :param node: whose subscriptions they are
    :param settings: the node's parameters, always up to date
    :param engine: gives the engine, or raises Refused when the node is not active
    :param cameras: gives the cameras there are, by name
    :param changed: is told when a click failed
    """

    def __init__(
        self,
        node: Node,
        settings: Mapping[str, object],
        engine: Callable[[], Engine],
        cameras: Callable[[], dict[str, Camera]],
        changed: Callable[[], None],
    ) -> None:
        self.logger = node.get_logger()
        self._node, self._settings = node, settings
        self._engine, self._cameras, self._changed = engine, cameras, changed
        self._group = MutuallyExclusiveCallbackGroup()
        self._last: dict[str, Click] = {}  # by camera
        self._failures: dict[str, str] = {}  # why a camera's newest click did nothing
        self._subscriptions: list[Subscription] = []
        self._lock = Lock()

    def start(self) -> None:
        """Listen to all cameras' clicks, and to points in space."""
        for name in self._cameras():
            self._subscribe(
                Point, f'{name}/click' if name else 'click', partial(self._on_click, name))
        self._subscribe(PointStamped, 'clicked_point', self._on_clicked_point)

    def stop(self) -> None:
        """Listen no more; what was clicked stays."""
        while self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop())

    def _subscribe(self, kind: type, topic: str, callback: Callable) -> None:
        self._subscriptions.append(self._node.create_subscription(
            kind, topic, callback, HINTS, callback_group=self._group))

    def explain(self, camera: str, statuses: Iterable[PromptStatus]) -> list[PromptStatus]:
        """
        A camera's statuses with why its newest click did nothing, if it did nothing.

        :param camera: its name
        :param statuses: of its standing prompts
        """
        statuses, failure = list(statuses), self._failures.get(camera)
        if failure is None:
            return statuses
        last = self._last.get(camera)
        mine = [status for status in statuses if last and status.id == last.id]
        for status in mine:
            status.message = failure
        return statuses if mine else [
            *statuses, PromptStatus(id=ID, camera=camera, message=failure)]

    @guarded
    def _on_click(self, name: str, point: Point) -> None:
        camera = self._cameras().get(name)
        if camera is not None:
            self._click(camera, lambda frame, result: (point.x, point.y))

    @guarded
    def _on_clicked_point(self, message: PointStamped) -> None:
        """A point in space is clicked in each camera that sees it."""
        failures = {}
        for name, camera in self._cameras().items():
            failure = self._click(camera, partial(_pixel_of, camera, message), told=False)
            if failure:
                failures[name] = failure
        if failures and len(failures) == len(self._cameras()):
            for name, failure in failures.items():
                self._fail(name, failure)

    def _click(self, camera: Camera, locate: Callable, told: bool = True) -> str:
        """Bind what was clicked; why it did not work, or ''."""
        try:
            self._bind(camera, locate)
        except FastSamError as error:
            if told:
                self._fail(camera.name, str(error))
            return str(error)
        except Exception as error:
            self._fail(camera.name, describe(error))
            raise
        return ''

    def _bind(self, camera: Camera, locate: Callable) -> None:
        engine = self._engine()
        frame = camera.history.newest(
            segmented=camera.is_streaming(), max_age=self._settings['max_age'])
        with engine.in_use():
            result = engine.segmented(camera, frame)
            x, y = locate(frame, result)
            last = self._last.get(camera.name)
            again = last if last and last.is_at(x, y) else None
            name = again.id if again else self._name(camera)
            answer = choose(result, CorePrompt(points=[(x, y)], id=name), again)
            self._keep(camera, frame, answer, Point(x=float(x), y=float(y)))
        area = int(result.scene.areas[answer.indices[0]])
        with self._lock:
            self._last[camera.name] = Click(name, x, y, area)
            self._failures.pop(camera.name, None)
        self._changed()

    def _keep(self, camera: Camera, frame: Frame, answer: Answer, point: Point) -> None:
        request = Prompt.Request(keep=True, prompts=[
            PromptMessage(id=answer.prompt.id, points=[point])])
        keep_answers(camera, frame, request, [answer])

    def _name(self, camera: Camera) -> str:
        """Of the prompt that a click at a new place becomes."""
        if self._settings['clicks'] == 'replace':
            return ID
        standing = {prompt.id for prompt in camera.standing.all()}
        names = (f'{ID}-{number}' if number > 1 else ID for number in range(1, 2 + len(standing)))
        return next(name for name in names if name not in standing)

    def _fail(self, camera: str, why: str) -> None:
        with self._lock:
            self._failures[camera] = f'the click did nothing: {why}'
        self.logger.warning(self._failures[camera])
        self._changed()


def choose(result: Result, prompt: CorePrompt, again: Click | None) -> Answer:
    """
    The segment that a click means.

    :param result: of the frame that was clicked
    :param prompt: with the one point
    :param again: the click before at the same place: then it is the next larger segment there,
        and after the largest the smallest
    :raises PromptError: when the point lies outside of the image
    :raises Refused: when nothing is there
    """
    answer = result.scene.answer([prompt])[0]
    if not len(answer):
        x, y = prompt.points[0]
        raise Refused(Prompt.Response.NOTHING_THERE, f'no segment is at ({x:g}, {y:g})')
    if again is None:
        return answer
    scene = answer.scene
    there = np.flatnonzero(scene.hits(prompt.points)[:, 0])
    there = there[np.argsort(scene.areas[there], kind='stable')]
    larger = there[scene.areas[there] > again.area * LARGER]
    index = np.array([larger[0] if len(larger) else there[0]])
    scores = sigmoid(click_logits(scene, prompt.points)[index, 0])
    return Answer(prompt, scene, index, scores, ('',), np.empty(0, np.int64))


def _pixel_of(
    camera: Camera, message: PointStamped, frame: Frame, result: Result
) -> tuple[float, float]:
    """
    Where a camera's frame shows a point.

    :raises DepthError: when it does not, or nobody knows
    """
    header, point = result.header, message.point
    if message.header.frame_id == header.frame_id and point.z == 0:
        return point.x, point.y  # what RViz 1 sent for a click on a picture
    size = result.scene.width, result.scene.height
    return camera.space.pixel_of(
        np.array([point.x, point.y, point.z]), message.header.frame_id, header, size)
