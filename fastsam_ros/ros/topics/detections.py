# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A detector's messages: boxes read from them, segments written as them.

vision_msgs is read in its form since 4.0 (Humble and later: `bbox.center.position.x`). Neither
package is imported before a topic needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np

from fastsam_ros.core import PromptError, RunLengths, Scene
from fastsam_ros.core.rotated_boxes import RotatedBox, best_in_rotated_box
from fastsam_ros.following.thing import ThingSegment
from fastsam_ros.ros.topics.result import Result

ARRAYS = {'vision_msgs': 'Detection2DArray', 'yolo_msgs': 'DetectionArray'}
UPRIGHT = 1e-3  # radians; below, a box of 1000 pixels turns by less than one


@dataclass(frozen=True)
class Detection:
    """
    One box of a detector.

    :param box: in image pixels
    :param id: the detector's; '' where it gave none
    :param label: name of its class; ''
    :param score: 0 to 1
    """

    box: RotatedBox
    id: str
    label: str
    score: float


@dataclass(frozen=True, eq=False)
class Detected:
    """
    A detection and the mask that answers it.

    :param segment: its score is the detector's, its `prompt_score` the IoU of box and mask. Where
        no mask fills the box: id 0, area 0 and the box itself, without a pixel set
    """

    detection: Detection
    segment: ThingSegment


def array_type(package: str) -> type:
    """
    The message with all detections of a frame.

    :param package: one of ARRAYS
    :raises ModuleNotFoundError: when the package is not installed
    """
    return getattr(import_module(f'{package}.msg'), ARRAYS[package])


def read_detections(message: object) -> list[Detection]:
    """
    The boxes of a message, in its order.

    :param message: vision_msgs/Detection2DArray or yolo_msgs/DetectionArray
    :raises PromptError: says which box cannot be understood
    """
    read = _from_vision if type(message).__name__ == ARRAYS['vision_msgs'] else _from_yolo
    detections = []
    for number, detection in enumerate(message.detections, 1):
        try:
            detections.append(read(detection))
        except PromptError as error:
            raise PromptError(
                f'box {number} of {len(message.detections)}: {error}') from error
    return detections


def _from_vision(message: object) -> Detection:
    box, best = message.bbox, None
    if message.results:
        best = max((result.hypothesis for result in message.results), key=lambda one: one.score)
    center = box.center
    return Detection(
        RotatedBox(center.position.x, center.position.y, box.size_x, box.size_y, center.theta),
        message.id, best.class_id if best else '', best.score if best else 0.0)


def _from_yolo(message: object) -> Detection:
    box = message.bbox
    return Detection(
        RotatedBox(
            box.center.position.x, box.center.position.y, box.size.x, box.size.y,
            box.center.theta),
        message.id, message.class_name, message.score)


def answer_detections(
    result: Result, detections: Sequence[Detection], least: float
) -> list[Detected]:
    """
    The mask for each of a detector's boxes, in their order.

    :param result: of the frame in which they were detected
    :param least: IoU of box and mask below which there is no mask, 0 to 1
    """
    return [Detected(one, _answer(result, one, least)) for one in detections]


def _answer(result: Result, one: Detection, least: float) -> ThingSegment:
    scene = result.scene
    index, iou = _best(scene, one.box)
    if index < 0 or iou < least:
        return ThingSegment(0, _unfilled(one.box, scene), one.score, iou, one.label, -1)
    return ThingSegment(
        int(result.ids[index]), scene.runs[index], one.score, iou, one.label, index)


def _best(scene: Scene, box: RotatedBox) -> tuple[int, float]:
    if abs(box.angle) > UPRIGHT:
        return best_in_rotated_box(scene.without_candidates, box)
    corners = box.upright(scene.height, scene.width)
    if corners[2] <= corners[0] or corners[3] <= corners[1]:
        return -1, 0.0
    answer = scene.prompt(box=corners)
    return (int(answer.indices[0]), float(answer.scores[0])) if len(answer) else (-1, 0.0)


def _unfilled(box: RotatedBox, scene: Scene) -> RunLengths:
    """The upright box, cut to the image, without a pixel set."""
    x0, y0, x1, y1 = box.upright(scene.height, scene.width)
    size = (x1 - x0) * (y1 - y0)
    return RunLengths(x0, y0, x1 - x0, y1 - y0, 0, np.array([size] if size else [], np.uint32))


def detections_message(result: Result, order: Sequence[int]) -> object:
    """
    All segments as vision_msgs/Detection2DArray.

    :param order: of the scene's segments
    :raises ModuleNotFoundError: when vision_msgs is not installed
    """
    from vision_msgs.msg import Detection2DArray

    scene = result.scene.without_candidates
    labels = scene.labels
    rows = zip(
        scene.run_lengths(order), result.ids[order].tolist(), [labels[i] for i in order],
        scene.scores[order].tolist())
    return Detection2DArray(header=result.header, detections=[
        _vision_detection(result.header, runs, str(id), label, score)
        for runs, id, label, score in rows])


def _vision_detection(
    header: object, runs: RunLengths, id: str, label: str, score: float
) -> object:
    from vision_msgs.msg import Detection2D, ObjectHypothesisWithPose

    hypothesis = ObjectHypothesisWithPose()
    hypothesis.hypothesis.class_id, hypothesis.hypothesis.score = label, score
    message = Detection2D(header=header, results=[hypothesis], id=id)
    box = message.bbox
    box.size_x, box.size_y = float(runs.width), float(runs.height)
    box.center.position.x = runs.x + runs.width / 2
    box.center.position.y = runs.y + runs.height / 2
    return message
