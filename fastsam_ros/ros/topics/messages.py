# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Results to messages, and the pictures that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from fastsam_ros.core import Answer, RunLengths, Selection
from fastsam_ros.drawing.captions import write_notes
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.following.thing import Status, ThingSegment
from fastsam_ros.msg import Prompt, PromptStatus, Segmentation, SegmentationArray
from fastsam_ros.ros.topics.conversions import to_array, to_image
from fastsam_ros.ros.topics.detections import Detected
from fastsam_ros.ros.topics.result import Result
from fastsam_ros.ros.topics.stamps import as_time


def by_area(result: Result) -> np.ndarray:
    """The scene's segments without candidates, largest first: (N,) indices."""
    return (-result.scene.without_candidates.areas).argsort(kind='stable')


def segments(result: Result) -> list[ThingSegment]:
    """The scene's segments without candidates, as prompts' are: in the scene's order."""
    scene = result.scene.without_candidates
    rows = zip(
        result.ids.tolist(), scene.runs, scene.scores.tolist(), scene.labels,
        scene.label_scores.tolist())
    return [
        ThingSegment(id, runs, score, 0.0, label, n, sure)
        for n, (id, runs, score, label, sure) in enumerate(rows)]


def matches(result: Result, answer: Answer) -> tuple[ThingSegment, ...]:
    """
    The segments that answer a prompt, best first.

    :param result: of the frame that was asked about
    """
    scene, runs = result.scene.without_candidates, answer.run_lengths()
    indices = answer.indices
    scores, fits = scene.scores[indices].tolist(), answer.scores.tolist()
    labels = answer.labels
    if answer.prompt.selection == Selection.UNION and runs:  # one mask, named by its largest part
        indices = indices[[int(scene.areas[indices].argmax())]]
        scores, fits = [max(scores)], [max(fits)]
        labels = (', '.join(dict.fromkeys(filter(None, labels))),)
    ids, known, sure = result.ids[indices].tolist(), scene.labels, scene.label_scores
    return tuple(
        ThingSegment(id, run, score, fit, label or known[i], i, fit if label else float(sure[i]))
        for id, run, score, fit, label, i
        in zip(ids, runs, scores, fits, labels, indices.tolist()))


def everything_message(result: Result, order: np.ndarray) -> SegmentationArray:
    """
    The scene's segments without candidates, of no prompt.

    :param order: of them, see `by_area`
    """
    found = segments(result)
    return SegmentationArray(
        header=result.header, height=result.scene.height, width=result.scene.width,
        segmentations=[_segmentation(found[index], '') for index in order.tolist()])


def answers_message(result: Result, answers: Sequence[Answer]) -> SegmentationArray:
    """The matches of all prompts, told apart by their prompt_id; by prompt, best first."""
    return SegmentationArray(
        header=result.header, height=result.scene.height, width=result.scene.width,
        segmentations=[
            _segmentation(segment, answer.prompt.id)
            for answer in answers for segment in matches(result, answer)])


def detected_message(result: Result, found: Sequence[Detected]) -> SegmentationArray:
    """The masks of a detector's boxes, in their order, with the detector's labels and scores."""
    segmentations = []
    for number, one in enumerate(found):
        message = _segmentation(one.segment, one.detection.id or str(number))
        message.label_score = one.detection.score
        segmentations.append(message)
    return SegmentationArray(
        header=result.header, height=result.scene.height, width=result.scene.width,
        segmentations=segmentations)


def prompted_message(
    header: Header, size: tuple[int, int], camera: str, statuses: Sequence[Status]
) -> SegmentationArray:
    """
    The standing prompts' segments on a frame, largest first, and how each prompt stands there.

    :param size: height and width of the image
    :param camera: its name
    """
    found = [_segmentation(segment, s.name) for s in statuses for segment in s.segments]
    found.sort(key=lambda segment: -segment.area)
    return SegmentationArray(
        header=header, height=size[0], width=size[1], segmentations=found,
        prompts=[status_message(camera, status) for status in statuses])


def status_message(
    camera: str, status: Status, prompts: Iterable[Prompt] = ()
) -> PromptStatus:
    """
    How a standing prompt stands.

    :param prompts: as they were asked, where that is wanted
    """
    return PromptStatus(
        id=status.name, camera=camera, state=int(status.state),
        segment_ids=to_array('I', np.array(status.segment_ids, np.uint32)),
        seen=as_time(status.seen), message=status.message, prompts=list(prompts))


def _segmentation(segment: ThingSegment, prompt_id: str) -> Segmentation:
    message, runs = Segmentation(), segment.runs
    # Set after construction, which makes a box and an array in any case.
    message.id, message.prompt_id, message.label = segment.id, prompt_id, segment.label
    message.score, message.prompt_score = segment.score, segment.prompt_score
    message.label_score = segment.label_score
    message.area, box = runs.area, message.box
    box.x_offset, box.y_offset, box.width, box.height = runs.x, runs.y, runs.width, runs.height
    # As an array.array: five times as fast as from numpy.
    message.counts = to_array('I', runs.counts)
    return message


def label_map(result: Result, order: np.ndarray) -> Image:
    """0 background, n the n-th of `order`, smallest on top; mono16."""
    return to_image(result.header, result.scene.label_map(order), 'mono16')


def edges(result: Result) -> Image:
    """Probability of an edge, times 255; mono8."""
    probability = result.scene.without_candidates.edges()
    return to_image(result.header, np.rint(probability * 255).astype(np.uint8), 'mono8')


def mask(header: Header, size: tuple[int, int], runs: Iterable[RunLengths]) -> Image:
    """255 where any of the masks is, else 0; mono8."""
    pixels = np.zeros(size, np.uint8)
    for run in runs:
        pixels[run.window][run.mask()] = 255
    return to_image(header, pixels, 'mono8')


def overlay(
    header: Header, picture: np.ndarray, segments: Sequence[ThingSegment],
    notes: Sequence[str] = (),
) -> Image:
    """
    The picture with segments painted over and their labels beside them, bgr8.

    :param picture: (H, W, 3) uint8 RGB
    :param notes: lines in its upper left corner
    """
    painted = draw(
        picture, [s.runs for s in segments], [s.id for s in segments],
        [s.label for s in segments])
    write_notes(painted, notes)
    return to_image(header, painted[..., ::-1], 'bgr8')


def overlay_of_everything(result: Result, picture: np.ndarray) -> Image:
    """
    The picture with all segments painted over, bgr8.

    :param picture: (H, W, 3) uint8 RGB
    """
    confident = result.scene.confident
    painted = draw(picture, result.scene.runs[:confident], result.ids[:confident].tolist())
    return to_image(result.header, painted[..., ::-1], 'bgr8')
