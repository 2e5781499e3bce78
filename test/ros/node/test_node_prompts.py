# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The service ~/prompt and what stands: right questions, and every wrong one."""

from builtin_interfaces.msg import Time
from graph import box, corners, decode, header, point, wait_until
import numpy as np
import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.inference import camera
from fastsam_ros.ros.inference.history import as_pair
from fastsam_ros.ros.topics.conversions import to_image

# The small yellow box lies on the large red one.
SCENE = {'red': (10, 10, 70, 60), 'yellow': (30, 20, 50, 40), 'blue': (90, 50, 120, 90)}
NAN = float('nan')


@pytest.fixture(scope='module')
def robot(graph):
    graph.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    graph.stamp = graph.publish(picture(**SCENE))
    graph.segmentations.at(graph.stamp)
    return graph


def found(response) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Prompt ids and boxes of an answer."""
    assert response.success, response.message
    result = response.result
    for segment in result.segmentations:
        mask = decode(segment, result.height, result.width)
        assert mask.sum() == segment.area
    return [(s.prompt_id, corners(s)) for s in result.segmentations]


def as_time(stamp: tuple[int, int]) -> Time:
    return Time(sec=stamp[0], nanosec=stamp[1])


def test_a_point_is_answered_for_the_newest_frame(robot):
    answer = robot.prompt(point((100, 70), id='corner'))
    assert found(answer) == [('corner', SCENE['blue'])]
    assert answer.result.header == header(robot.stamp)
    assert (answer.result.height, answer.result.width) == (HEIGHT, WIDTH)
    assert 0 < answer.result.segmentations[0].prompt_score <= 1


def test_several_prompts_at_once_are_told_apart(robot):
    answer = robot.prompt(
        point((100, 70), id='a'), box(10, 10, 70, 60, id='b'),
        point((40, 30), id='c', selection=PromptMessage.ALL))
    # By prompt, best first; both boxes hold the point of c, and the smaller is meant more.
    assert found(answer) == [
        ('a', SCENE['blue']), ('b', SCENE['red']), ('c', SCENE['yellow']), ('c', SCENE['red'])]
    assert answer.ids == ['a', 'b', 'c']


def test_a_union_is_one_segment_without_what_background_points_hit(robot):
    answer = robot.prompt(point(
        (15, 15), (100, 70), (40, 30), labels=[1, 1, 0], selection=PromptMessage.UNION, id='u'))
    (segment,) = answer.result.segmentations
    expected = np.zeros((HEIGHT, WIDTH), bool)
    expected[10:60, 10:70] = expected[50:90, 90:120] = True
    expected[20:40, 30:50] = False
    np.testing.assert_array_equal(decode(segment, HEIGHT, WIDTH), expected)


def test_no_prompts_mean_everything(robot):
    assert found(robot.prompt()) == [
        ('', SCENE['red']), ('', SCENE['yellow']), ('', SCENE['blue'])]


def test_nothing_there_is_an_answer_too(robot):
    assert found(robot.prompt(point((2, 2)))) == []


def test_prompts_without_an_id_get_one_each(robot):
    answer = robot.prompt(point((100, 70)), point((40, 30)))
    names = [name for name, _ in found(answer)]
    assert len(set(names)) == 2 and all(names)
    again = [name for name, _ in found(robot.prompt(point((100, 70))))]
    assert not set(again) & set(names)


def test_an_answer_goes_to_answers_and_to_its_pictures_and_not_to_prompted(robot):
    answers = robot.mailbox(SegmentationArray, 'fastsam/answers')
    answer = robot.prompt(point((100, 70), id='published'))
    assert answers.wait() == answer.result
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)  # and come later
    mask = robot.mailbox(Image, 'fastsam/answer_mask', latched).wait()
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[50:90, 90:120] = 255
    np.testing.assert_array_equal(np.reshape(mask.data, (HEIGHT, WIDTH)), expected)
    overlay = robot.mailbox(Image, 'fastsam/answer_overlay', latched).wait()
    assert (overlay.encoding, overlay.header) == ('bgr8', answer.result.header)
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    assert robot.prompted.messages == []


def test_an_answer_about_a_picture_sent_along_is_in_the_response_alone(robot):
    answers = robot.mailbox(SegmentationArray, 'fastsam/answers')
    robot.prompt(point((10, 10)), image=to_image(header((99, 1)), picture(**SCENE), 'rgb8'))
    robot.prompt(point((100, 70), id='later'))
    answers.wait(lambda m: m.segmentations[0].prompt_id == 'later')
    assert len(answers.messages) == 1


def test_an_older_frame_by_its_stamp(robot):
    robot.segmentations.at(robot.publish(picture(green=(60, 60, 90, 90))))
    assert found(robot.prompt(point((100, 70)), stamp=as_time(robot.stamp)))[0][1] == SCENE['blue']
    assert found(robot.prompt(point((70, 70))))[0][1] == (60, 60, 90, 90)


def test_a_dropped_frame_is_segmented_when_somebody_asks_for_it(robot):
    model, counters = robot.node.model, robot.counters()
    before, runs, drops = counters.received, len(model.batches), counters.dropped
    with model.held():
        robot.publish(picture(red=(1, 1, 9, 9)))
        wait_until(lambda: len(model.batches) == runs + 1)  # the network has it
        dropped = robot.publish(picture(yellow=(5, 5, 20, 20)))
        wait_until(lambda: counters.received == before + 2)
        last = robot.publish(picture(blue=(5, 5, 20, 20)))
        wait_until(lambda: counters.dropped == drops + 1)
    robot.segmentations.at(last)
    answer = robot.prompt(point((10, 10)), stamp=as_time(dropped))
    assert found(answer)[0][1] == (5, 5, 20, 20)
    assert answer.result.header == header(dropped)


def test_a_thing_has_one_id_on_frames_that_were_segmented_and_on_those_that_were_dropped(
        robot, monkeypatch):
    monkeypatch.setattr(camera, 'NEAR', float('inf'))
    seen = robot.segmentations.at(robot.publish(picture(blue=(80, 10, 120, 50))))
    between = robot.node.cameras[''].history
    model, runs = robot.node.model, len(robot.node.model.batches)
    drops = robot.counters().dropped
    with model.held():
        robot.publish(picture())
        wait_until(lambda: len(model.batches) > runs)
        dropped = robot.publish(picture(blue=(82, 10, 122, 50), green=(5, 60, 45, 90)))
        wait_until(lambda: as_pair(between.newest(False, patience=0)) == dropped)
        last = robot.publish(picture(red=(1, 1, 40, 40), blue=(84, 10, 124, 50)))
        wait_until(lambda: robot.counters().dropped > drops)
    followed = robot.segmentations.at(last).segmentations
    answer = robot.prompt(stamp=as_time(dropped)).result.segmentations
    assert [s.id for s in answer if s.box.y_offset == 10] == [s.id for s in seen.segmentations]
    (new,) = [s.id for s in answer if s.box.y_offset == 60]
    assert new not in [s.id for s in followed]
    later = robot.segmentations.at(robot.publish(picture(green=(100, 60, 120, 80)))).segmentations
    assert new not in [s.id for s in later]


def test_an_image_of_ones_own_shows_none_of_the_things_that_are_tracked(robot):
    scene = picture(red=(10, 10, 60, 60))
    stamp = robot.publish(scene)
    (seen,) = robot.segmentations.at(stamp).segmentations
    (own,) = robot.prompt(image=to_image(header(stamp), scene, 'rgb8')).result.segmentations
    assert own.id != seen.id


def test_an_image_of_ones_own(robot):
    own = to_image(header((99, 1), 'elsewhere'), picture(green=(3, 4, 50, 60))[..., ::-1], 'bgr8')
    answer = robot.prompt(point((10, 10), id='own'), image=own)
    assert found(answer) == [('own', (3, 4, 50, 60))]
    assert answer.result.header == header((99, 1), 'elsewhere')


def test_a_refused_prompt_is_not_kept(robot):
    assert not robot.prompt(point((5, 5), id='good'), point((NAN, 5), id='bad'), keep=True).success
    assert robot.clear().cleared == []


def test_ten_thousand_points(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    places = np.random.default_rng(1).uniform((90, 50), (120, 90), (10_000, 2)).tolist()
    assert [c for _, c in found(robot.prompt(point(*places)))] == [SCENE['blue']]
    apart = [point(place, id=f'p{n}') for n, place in enumerate(places[:1000])]
    assert len(found(robot.prompt(*apart))) == 1000


def test_images_that_cannot_be_read_are_counted_and_the_next_one_is_processed(robot):
    before = robot.counters().failed
    for number in range(2):
        bad = to_image(header((60, number)), picture(**SCENE), 'rgb8')
        bad.encoding, bad.step = ('sepia', bad.step) if number else ('rgb8', 3)
        robot.publisher().publish(bad)
        wait_until(lambda n=number: robot.counters().failed == before + n + 1)
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    assert not robot.prompt(point((5, 5)), stamp=Time(sec=60, nanosec=1)).success
