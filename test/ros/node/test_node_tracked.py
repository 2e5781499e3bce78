# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Where things are on frames that the network has not seen."""

from diagnostic_msgs.msg import DiagnosticArray
from graph import decode, header, point, wait_until
import numpy as np
import pytest
from rclpy.parameter import Parameter
from sensor_msgs.msg import Image

from fastsam_ros.msg import PromptStatus, SegmentationArray
from fastsam_ros.ros.topics.conversions import to_image

SIZE = 192, 256
TEXTURE = np.random.default_rng(7).integers(60, 120, (*SIZE, 3), np.uint8)


def scene(shift: int = 0) -> np.ndarray:
    """Return a textured picture with a red thing that moves to the right."""
    pixels = TEXTURE.copy()
    pixels[60:140, 60 + shift:140 + shift] = (255, 0, 0)
    return pixels


def cut() -> np.ndarray:
    return np.random.default_rng(8).integers(0, 255, (*SIZE, 3), np.uint8)


@pytest.fixture
def robot(start):
    """A node that follows the red thing, and whose network sees no more frames."""
    graph = start(mode='auto')
    graph.tracked = graph.mailbox(SegmentationArray, 'fastsam/tracked')
    graph.mask = graph.mailbox(Image, 'fastsam/tracked_mask')
    graph.stamp = graph.publish(scene(), stamp=(10, 0))
    wait_until(lambda: graph.counters().received == 1)
    answer = graph.prompt(point((100, 100), id='it'), keep=True)
    assert answer.success, answer.message
    graph.thing = answer.result.segmentations[0].id
    return graph


def mask_of(message) -> np.ndarray:
    return np.any([decode(s, *SIZE) for s in message.segmentations] or [np.zeros(SIZE, bool)],
                  axis=0)


def iou(found: np.ndarray, left: int) -> float:
    truth = np.zeros(SIZE, bool)
    truth[60:140, left:left + 80] = True
    return (found & truth).sum() / (found | truth).sum()


def test_things_are_carried_to_each_frame_while_the_network_is_busy(robot):
    with robot.node.model.held():
        for number, shift in enumerate((3, 6, 9), 1):
            stamp = robot.publish(scene(shift), stamp=(10, number * 40_000_000))
            message = robot.tracked.at(stamp)
            (segment,) = message.segmentations
            assert (segment.id, segment.prompt_id) == (robot.thing, 'it')
            assert iou(mask_of(message), 60 + shift) > 0.9
            (status,) = message.prompts
            assert status.state == PromptStatus.FOLLOWED
            assert (status.seen.sec, status.seen.nanosec) == robot.stamp
            mask = robot.mask.at(stamp)
            np.testing.assert_array_equal(
                np.reshape(mask.data, SIZE), mask_of(message) * np.uint8(255))


def test_a_cut_to_another_scene_has_no_mask(robot):
    with robot.node.model.held():
        robot.tracked.at(robot.publish(scene(3), stamp=(10, 40_000_000)))
        for number in (2, 3):
            message = robot.tracked.at(robot.publish(cut(), stamp=(10, number * 40_000_000)))
            assert message.segmentations == []
            assert message.prompts[0].state == PromptStatus.SEARCHING
            assert message.prompts[0].message


def test_nothing_is_carried_for_longer_than_carry(robot):
    robot.node.set_parameters([Parameter('carry', value=0.1)])
    with robot.node.model.held():
        message = robot.tracked.at(robot.publish(scene(), stamp=(10, 90_000_000)))
        assert message.prompts[0].state == PromptStatus.FOLLOWED
        message = robot.tracked.at(robot.publish(scene(), stamp=(10, 300_000_000)))
        assert (message.segmentations, message.prompts[0].state) == ([], PromptStatus.SEARCHING)


def test_stamps_that_go_back_and_other_sizes_give_no_stale_mask(robot):
    with robot.node.model.held():
        small = np.ascontiguousarray(scene()[:96, :128])
        message = robot.tracked.at(robot.publish(small, stamp=(10, 40_000_000)))
        assert (message.height, message.width) == (96, 128) and message.segmentations == []
        message = robot.tracked.at(robot.publish(scene(), stamp=(3, 0)))
        assert (message.segmentations, message.prompts[0].state) == ([], PromptStatus.SEARCHING)


def test_prompts_that_are_no_things_say_so(robot):
    assert robot.prompt(point((100, 100), id='place'), keep=True, fixed=True).success
    with robot.node.model.held():
        message = robot.tracked.at(robot.publish(scene(3), stamp=(10, 40_000_000)))
    states = {status.id: status for status in message.prompts}
    assert states['it'].state == PromptStatus.FOLLOWED
    assert states['place'].state == PromptStatus.SEARCHING
    assert '~/prompted' in states['place'].message


def test_it_is_silent_without_prompts_and_zeros_end_the_mask(robot):
    robot.tracked.at(robot.publish(scene(3), stamp=(10, 40_000_000)))
    robot.clear()
    assert not any(robot.mask.at(robot.publish(scene(3), stamp=(10, 80_000_000))).data)
    robot.publish(scene(3), stamp=(10, 120_000_000))
    wait_until(lambda: robot.counters().received == 4)
    assert robot.prompt(point((100, 100), id='new'), keep=True).success
    robot.tracked.at(robot.publish(scene(3), stamp=(10, 160_000_000)))
    assert [m.header.stamp.nanosec for m in robot.tracked.messages] == [40_000_000, 160_000_000]
    assert [m.header.stamp.nanosec for m in robot.mask.messages][:2] == [40_000_000, 80_000_000]


def test_an_image_that_cannot_be_read_ends_nothing(robot):
    broken = to_image(header((10, 40_000_000)), scene(), 'rgb8')
    broken.encoding = 'sepia'
    robot.publisher().publish(broken)
    wait_until(lambda: robot.counters().received == 2)
    assert robot.tracked.at(robot.publish(scene(3), stamp=(10, 80_000_000))).segmentations


def test_nobody_listens_and_no_flow_is_computed(start, monkeypatch):
    graph = start()
    results = graph.mailbox(SegmentationArray, 'fastsam/prompted')
    graph.publish(scene())
    wait_until(lambda: graph.counters().processed == 1)
    assert graph.prompt(point((100, 100), id='it'), keep=True).success
    carried = []
    monkeypatch.setattr(graph.node.cameras[''].tracker, 'carry', lambda *a: carried.append(a))
    results.at(graph.publish(scene(3)))
    assert carried == []


def test_diagnostics_tell_both_rates_and_ages(robot):
    diagnostics = robot.mailbox(DiagnosticArray, '/diagnostics')
    robot.tracked.at(robot.publish(scene(3), stamp=(10, 40_000_000)))

    def figures(message):
        name = f'{robot.namespace}/fastsam: {robot.namespace}/image'
        return next(({pair.key: pair.value for pair in status.values}
                     for status in message.status if status.name == name), {})

    values = figures(diagnostics.wait(
        lambda m: float(figures(m).get('age of tracked p50 [ms]', 0)) > 0))
    assert {'tracked out [1/s]', 'results out [1/s]', 'frames not tracked',
            'age of results p50 [ms]', 'age of tracked p95 [ms]'} <= set(values)
