# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A detector's boxes: paired by stamp, answered in their order, nothing passed off as another."""

from array import array
import math

from graph import corners, header, wait_until
import pytest
from scripted_model import HEIGHT, WIDTH, picture
from standing import SCENE

from fastsam_ros.msg import SegmentationArray

vision = pytest.importorskip('vision_msgs.msg', reason='vision_msgs is not installed')
yolo = pytest.importorskip('yolo_msgs.msg', reason='yolo_msgs is not installed')
Detection2D, Detection2DArray = vision.Detection2D, vision.Detection2DArray
ObjectHypothesisWithPose = vision.ObjectHypothesisWithPose
YoloDetection, DetectionArray = yolo.Detection, yolo.DetectionArray


def vision(*boxes, stamp, labels=()):
    message = Detection2DArray(header=header(stamp))
    for number, (x0, y0, x1, y1, *angle) in enumerate(boxes):
        detection, hypothesis = Detection2D(), ObjectHypothesisWithPose()
        detection.bbox.center.position.x, detection.bbox.center.position.y = (
            (x0 + x1) / 2, (y0 + y1) / 2)
        detection.bbox.size_x, detection.bbox.size_y = float(x1 - x0), float(y1 - y0)
        detection.bbox.center.theta = float(angle[0]) if angle else 0.0
        hypothesis.hypothesis.class_id = labels[number] if labels else ''
        hypothesis.hypothesis.score = 0.5 + number / 10
        detection.results = [hypothesis]
        message.detections.append(detection)
    return message


def yolo(*boxes, stamp):
    message = DetectionArray(header=header(stamp))
    for number, (x0, y0, x1, y1) in enumerate(boxes):
        detection = YoloDetection(class_name=f'class {number}', score=0.25, id=f'id {number}')
        detection.bbox.center.position.x, detection.bbox.center.position.y = (
            (x0 + x1) / 2, (y0 + y1) / 2)
        detection.bbox.size.x, detection.bbox.size.y = float(x1 - x0), float(y1 - y0)
        message.detections.append(detection)
    return message


class Detector:
    """Publishes boxes about a node's camera, and reads what comes of them."""

    def __init__(self, graph, kind):
        self.graph = graph
        self.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
        self.detected = graph.mailbox(SegmentationArray, 'fastsam/detected')
        self.publisher = graph.client.create_publisher(kind, 'boxes', 10)
        wait_until(lambda: self.publisher.get_subscription_count() > 0)

    def show(self):
        stamp = self.graph.publish(picture(**SCENE))
        self.segmentations.at(stamp)
        return stamp

    def ask(self, message):
        stamp = message.header.stamp
        before = len(self.detected.messages)
        # Boxes are best effort: those sent before both ends know each other are lost.
        wait_until(lambda: self.publisher.publish(message) or len(self.detected.messages) > before)
        return self.detected.at((stamp.sec, stamp.nanosec))


@pytest.fixture(scope='module')
def detector(start):
    return Detector(start(box_iou=0.5), Detection2DArray)


def test_each_box_has_its_mask_in_the_detectors_order(detector):
    stamp = detector.show()
    boxes = [SCENE['blue'], SCENE['red'], SCENE['yellow']]
    answer = detector.ask(vision(*boxes, stamp=stamp, labels=['cup', 'table', 'dog']))
    assert answer.header == header(stamp)
    assert [corners(s) for s in answer.segmentations] == boxes
    assert [s.label for s in answer.segmentations] == ['cup', 'table', 'dog']
    assert [s.prompt_id for s in answer.segmentations] == ['0', '1', '2']
    for number, segment in enumerate(answer.segmentations):
        assert segment.score == segment.label_score == pytest.approx(0.5 + number / 10)
        assert segment.prompt_score == pytest.approx(1)
    everything = {s.id for s in detector.segmentations.at(stamp).segmentations}
    assert {s.id for s in answer.segmentations} == everything


def test_boxes_about_an_older_frame_are_answered_about_that_frame(detector):
    old = detector.show()
    detector.graph.publish(picture(blue=(2, 2, 30, 30)))
    new = detector.show()
    answer = detector.ask(vision(SCENE['blue'], stamp=old))
    assert answer.header == header(old) != header(new)
    assert corners(answer.segmentations[0]) == SCENE['blue']


def test_boxes_that_come_up_to_half_a_second_late_are_about_the_frame_of_their_stamp(detector):
    """25 frames a second; the detector answers after 0 to 12 of them, the slowest frame first."""
    shown = [(90 - 3 * number, 50, 120 - 3 * number, 90) for number in range(13)]
    stamps = [(900, 40_000_000 * number) for number in range(13)]
    for blue, stamp in zip(shown, stamps):
        detector.graph.publish(picture(blue=blue), stamp=stamp)
        detector.segmentations.at(stamp)
    answers = [detector.ask(vision(blue, stamp=stamp)) for blue, stamp in zip(shown, stamps)]
    assert [answer.header for answer in answers] == [header(stamp) for stamp in stamps]
    assert [corners(answer.segmentations[0]) for answer in answers] == shown
    assert len({answer.segmentations[0].id for answer in answers}) == 1


def test_a_box_that_no_mask_fills_keeps_its_place_without_one(detector):
    stamp = detector.show()
    empty = (80, 5, 140, 35)  # reaches beyond the image, over nothing but background
    answer = detector.ask(vision(SCENE['red'], empty, (500, 500, 600, 600), stamp=stamp))
    red, nothing, outside = answer.segmentations
    assert corners(red) == SCENE['red'] and red.area
    assert (nothing.id, nothing.area) == (0, 0)
    assert corners(nothing) == (80, 5, WIDTH, 35)
    assert nothing.counts == array('I', [(WIDTH - 80) * 30])
    assert (outside.area, outside.box.width * outside.box.height) == (0, 0)


def test_a_mask_below_the_floor_is_not_passed_off_as_the_boxes(detector):
    stamp = detector.show()
    x0, y0, x1, y1 = SCENE['blue']
    answer = detector.ask(vision((x0, y0, x1 - 18, y1), stamp=stamp))  # IoU 0.4
    assert answer.segmentations[0].area == 0
    assert 0 < answer.segmentations[0].prompt_score < 0.5


def test_a_turned_box_is_compared_with_its_own_pixels(detector):
    stamp = detector.show()
    x0, y0, x1, y1 = SCENE['blue']
    cx, cy, w, h = (x0 + x1) / 2, (y0 + y1) / 2, y1 - y0, x1 - x0
    turned = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, math.pi / 2)
    answer = detector.ask(vision(turned, stamp=stamp))
    assert corners(answer.segmentations[0]) == SCENE['blue']
    assert answer.segmentations[0].prompt_score == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize('stamp, said', [((0, 0), 'have no stamp'), ((99, 99), 'no frame')])
def test_what_has_no_frame_is_counted_and_the_node_goes_on(detector, stamp, said):
    detector.show()
    before, boxes = detector.graph.counters().unpaired, vision(SCENE['red'], stamp=stamp)
    wait_until(lambda: detector.publisher.publish(boxes)
               or detector.graph.counters().unpaired > before)
    again = detector.show()
    assert detector.ask(vision(SCENE['red'], stamp=again)).segmentations[0].area


def test_a_box_of_no_numbers_is_refused_and_the_node_goes_on(detector):
    stamp = detector.show()
    bad = vision(SCENE['red'], stamp=stamp)
    bad.detections[0].bbox.size_x = math.nan
    detector.publisher.publish(bad)
    good = detector.show()
    assert detector.ask(vision(SCENE['red'], stamp=good)).segmentations[0].area
    stamps = [m.header.stamp for m in detector.detected.messages]
    assert stamp not in [(one.sec, one.nanosec) for one in stamps]


def test_boxes_of_yolo_ros_are_read(start):
    detector = Detector(start(), DetectionArray)
    stamp = detector.show()
    answer = detector.ask(yolo(SCENE['yellow'], SCENE['blue'], stamp=stamp))
    assert [corners(s) for s in answer.segmentations] == [SCENE['yellow'], SCENE['blue']]
    assert [s.label for s in answer.segmentations] == ['class 0', 'class 1']
    assert [s.prompt_id for s in answer.segmentations] == ['id 0', 'id 1']


def test_segments_for_who_speaks_vision_msgs(graph):
    detections = graph.mailbox(Detection2DArray, 'fastsam/detections')
    segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    stamp = graph.publish(picture(**SCENE))
    message, same = detections.at(stamp), segmentations.at(stamp)
    assert message.header == same.header
    for detection, segment in zip(message.detections, same.segmentations, strict=True):
        x0, y0, x1, y1 = corners(segment)
        box = detection.bbox
        assert (box.center.position.x, box.center.position.y) == ((x0 + x1) / 2, (y0 + y1) / 2)
        assert (box.size_x, box.size_y, box.center.theta) == (x1 - x0, y1 - y0, 0)
        assert detection.id == str(segment.id)
        assert detection.results[0].hypothesis.score == pytest.approx(segment.score)
    assert same.height == HEIGHT
