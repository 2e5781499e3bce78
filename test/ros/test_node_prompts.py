# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The service ~/prompt and what stands: right questions, and every wrong one."""

from builtin_interfaces.msg import Time
from graph import box, decode, header, point, wait_until
import numpy as np
import pytest
from rclpy.qos import DurabilityPolicy, QoSProfile
from scripted_model import HEIGHT, WIDTH, picture
from sensor_msgs.msg import Image

from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.msg import SegmentationArray
from fastsam_ros.ros.inference import camera
from fastsam_ros.ros.inference.frames import as_pair
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
    return [(s.prompt_id, corners(s.box)) for s in result.segmentations]


def corners(region) -> tuple[int, int, int, int]:
    return (region.x_offset, region.y_offset, region.x_offset + region.width,
            region.y_offset + region.height)


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
    # Largest first; both boxes hold the point of c.
    assert found(answer) == [
        ('b', SCENE['red']), ('c', SCENE['red']), ('a', SCENE['blue']), ('c', SCENE['yellow'])]


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
        ('', SCENE['red']), ('', SCENE['blue']), ('', SCENE['yellow'])]


def test_nothing_there_is_an_answer_too(robot):
    assert found(robot.prompt(point((2, 2)))) == []


def test_prompts_without_an_id_get_one_each(robot):
    answer = robot.prompt(point((100, 70)), point((40, 30)))
    names = [name for name, _ in found(answer)]
    assert len(set(names)) == 2 and all(names)
    again = [name for name, _ in found(robot.prompt(point((100, 70))))]
    assert not set(again) & set(names)


def test_every_answer_goes_to_prompted_and_to_the_mask(robot):
    answer = robot.prompt(point((100, 70), id='published'))
    message = robot.prompted.wait(lambda m: any(
        s.prompt_id == 'published' for s in m.segmentations))
    assert message == answer.result


def test_an_older_frame_by_its_stamp(robot):
    robot.segmentations.at(robot.publish(picture(green=(60, 60, 90, 90))))
    assert found(robot.prompt(point((100, 70)), stamp=as_time(robot.stamp)))[0][1] == SCENE['blue']
    assert found(robot.prompt(point((70, 70))))[0][1] == (60, 60, 90, 90)


def test_a_dropped_frame_is_segmented_when_somebody_asks_for_it(robot):
    model, counters = robot.node._model, robot.counters()
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
    between = robot.node._cameras[''].history._came
    model, runs = robot.node._model, len(robot.node._model.batches)
    drops = robot.counters().dropped
    with model.held():
        robot.publish(picture())
        wait_until(lambda: len(model.batches) > runs)
        dropped = robot.publish(picture(blue=(82, 10, 122, 50), green=(5, 60, 45, 90)))
        wait_until(lambda: as_pair(between[-1]) == dropped)
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


def test_keep_answers_on_every_later_frame_until_it_is_cleared(robot):
    robot.prompt(point((64, 48), id='middle'), keep=True)
    for edge in (70, 80, 90):
        stamp = robot.publish(picture(red=(50, 30, edge, 60)))
        (segment,) = robot.prompted.at(stamp).segmentations
        assert (segment.prompt_id, corners(segment.box)) == ('middle', (50, 30, edge, 60))
    answer = robot.clear('middle')
    assert (answer.success, answer.cleared) == (True, ['middle'])
    processed = robot.counters().processed
    stamp = robot.publish(picture(red=(50, 30, 70, 60)))
    wait_until(lambda: robot.counters().processed > processed)
    robot.prompt(point((64, 48), id='after'))  # goes the same way, so what is before it has come
    robot.prompted.wait(lambda m: any(s.prompt_id == 'after' for s in m.segmentations))
    assert [s.prompt_id for m in robot.prompted.messages if m.header == header(stamp)
            for s in m.segmentations] == ['after']


def test_a_kept_prompt_without_an_id_says_which_it_got(robot):
    answer = robot.prompt(point((2, 2)), keep=True)
    assert answer.success and answer.message.startswith('kept: prompt-')
    assert robot.clear().cleared == [answer.message.removeprefix('kept: ')]


def test_a_prompt_gets_no_id_that_another_has(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    names = [name for name, _ in found(robot.prompt(point((100, 70))))]
    number = int(names[0].removeprefix('prompt-'))
    asked = [point((100, 70), id=f'prompt-{number + 1}'), point((100, 70))]
    assert robot.prompt(*asked, keep=True).message == (
        f'kept: prompt-{number + 1}, prompt-{number + 2}')
    robot.prompt(point((100, 70), id=f'prompt-{number + 3}'), keep=True)
    assert robot.prompt(point((100, 70)), keep=True).message == f'kept: prompt-{number + 4}'
    assert len(robot.clear().cleared) == 4


def test_a_kept_prompt_of_the_same_id_replaces_the_first(robot):
    for x in (15, 100):
        assert robot.prompt(point((x, 55), id='same'), keep=True).success
    (segment,) = robot.prompted.at(robot.publish(picture(**SCENE))).segmentations
    assert corners(segment.box) == SCENE['blue']
    assert robot.clear().cleared == ['same']


def test_a_kept_prompt_with_no_match_gives_an_empty_result(robot):
    robot.prompt(point((64, 48), id='gone'), keep=True)
    assert robot.prompted.at(robot.publish(picture())).segmentations == []
    robot.clear()


def test_clearing_what_does_not_stand_says_what_does(robot):
    robot.prompt(point((5, 5), id='stands'), keep=True)
    answer = robot.clear('stands', 'never was')
    assert (answer.success, answer.cleared) == (False, ['stands'])
    assert "'never was'" in answer.message
    assert robot.clear().success


def test_a_refused_prompt_is_not_kept(robot):
    assert not robot.prompt(point((5, 5), id='good'), point((NAN, 5), id='bad'), keep=True).success
    assert robot.clear().cleared == []


def test_a_kept_prompt_that_no_longer_fits_does_not_silence_the_others(robot):
    big = to_image(header((50, 1)), np.full((HEIGHT, WIDTH * 2, 3), 128, np.uint8), 'rgb8')
    far, near = point((WIDTH + 5, 5), id='far'), point((40, 30), id='near')
    assert robot.prompt(far, near, image=big, keep=True).success
    message = robot.prompted.at(robot.publish(picture(**SCENE)))
    assert [s.prompt_id for s in message.segmentations] == ['near']
    robot.clear()


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


def test_the_mask_waits_for_who_comes_later(robot):
    robot.segmentations.at(robot.publish(picture(**SCENE)))
    robot.prompt(point((100, 70)))
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    message = robot.mailbox(Image, 'fastsam/mask', latched).wait()
    expected = np.zeros((HEIGHT, WIDTH), np.uint8)
    expected[50:90, 90:120] = 255
    np.testing.assert_array_equal(np.reshape(message.data, (HEIGHT, WIDTH)), expected)
