# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Simulated time, bags that begin anew, and what the node says about itself."""

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from graph import header, point, wait_until
import pytest
from rclpy.parameter import Parameter
from rosgraph_msgs.msg import Clock
from scripted_model import picture

from fastsam_ros.msg import SegmentationArray


def texts(status: DiagnosticStatus) -> dict[str, str]:
    return {pair.key: pair.value for pair in status.values}


@pytest.fixture(scope='module')
def robot(graph):
    graph.results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.diagnostics = graph.mailbox(DiagnosticArray, '/diagnostics')
    return graph


def status_of(graph, name: str, wanted) -> DiagnosticStatus:
    """Return the first status of that name, of this test's node, that is wanted."""
    full = f'{graph.namespace}/fastsam: {name}'

    def find(message):
        return next((s for s in message.status if s.name == full and wanted(s)), None)

    return find(graph.diagnostics.wait(find))


def test_a_bag_that_begins_anew(robot):
    stamps = [(100, 0), (101, 0), (102, 0)]
    for left in (10, 40):  # the second time the scene is another
        for stamp in stamps:
            count = robot.counters().processed
            robot.publish(picture(red=(left, 10, left + 20, 30)), stamp=stamp)
            wait_until(lambda n=count: robot.counters().processed == n + 1)
    answer = robot.prompt(point((45, 15)), stamp=Time(sec=101))
    assert answer.result.segmentations[0].box.x_offset == 40
    assert answer.result.header == header((101, 0))


def test_a_camera_whose_stamps_stand_still_is_seen_all_the_same(robot):
    late = robot.counters().late
    for left in (10, 20, 30, 40):
        count = robot.counters().processed
        robot.publish(picture(red=(left, 10, left + 20, 30)), stamp=(103, 0))
        wait_until(lambda n=count: robot.counters().processed == n + 1)
    assert robot.counters().late == late
    robot.publish(picture(), stamp=(102, 999_999_999))  # really late, though by little
    wait_until(lambda: robot.counters().late == late + 1)


def test_a_stamp_of_zero_is_kept_as_it_is(robot):
    robot.publish(picture(red=(1, 1, 20, 20)), stamp=(0, 0))
    assert robot.results.at((0, 0)).segmentations


def test_simulated_time_may_stand_still(start):
    graph = start(use_sim_time=True)
    diagnostics = graph.mailbox(DiagnosticArray, '/diagnostics')
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    clock = graph.client.create_publisher(Clock, '/clock', 1)
    wait_until(lambda: clock.get_subscription_count() > 0)
    clock.publish(Clock(clock=Time(sec=500)))
    wait_until(lambda: graph.node.get_clock().now().nanoseconds == 500 * 10**9)
    stamp = graph.publish(picture(red=(1, 1, 20, 20)), stamp=(499, 0))
    assert results.at(stamp).header == header(stamp)
    # Diagnostics go on although no time passes, and are stamped with it.
    diagnostics.wait(lambda m: m.header.stamp == Time(sec=500) and any(
        texts(s).get('since stamp p50 [ms]') == '1000.0' for s in m.status))


def test_diagnostics_tell_of_the_model(robot):
    status = status_of(robot, 'model', lambda s: s.message == 'active')
    assert status.level == DiagnosticStatus.OK
    values = texts(status)
    assert values['model'] == 'scripted' and values['device'] == 'cpu'
    assert values['confidence'] == '0.4'
    assert float(values['process memory [MB]']) > 10


def test_a_stamp_that_no_clock_gives_is_kept_as_it_is(robot):
    failed = robot.counters().failed
    processed = robot.counters().processed
    robot.publish(picture(red=(1, 1, 20, 20)), stamp=(-5, 3))
    assert robot.results.at((-5, 3)).segmentations
    wait_until(lambda: robot.counters().processed > processed)
    assert robot.counters().failed == failed


def test_diagnostics_tell_of_the_frames(robot):
    topic = f'{robot.namespace}/image'
    before = robot.counters().processed
    robot.publish(picture())
    wait_until(lambda: robot.counters().processed > before)
    status = status_of(robot, topic, lambda s: int(texts(s)['frames processed']) > before)
    values = texts(status)
    assert values['topic'] == topic and values['publishers'] == '1'
    for key in ('images in [1/s]', 'results out [1/s]', 'age of results p50 [ms]',
                'age of results p95 [ms]', 'age of results p99 [ms]', 'since stamp p99 [ms]'):
        assert float(values[key]) >= 0
    accounted = sum(int(values[f'frames {what}']) for what in ('processed', 'dropped', 'failed'))
    assert 0 <= int(values['images received']) - accounted <= 2


def test_diagnostics_warn_when_no_image_comes(robot):
    topic = f'{robot.namespace}/image'
    robot.publisher()
    status = status_of(robot, topic, lambda s: f'no image on {topic} (1 ' in s.message)
    assert status.level == DiagnosticStatus.WARN


def test_diagnostics_name_the_error_of_a_model_that_could_not_be_loaded(start_real, monkeypatch):
    from fastsam_ros.fastsam import FastSam
    from fastsam_ros.ros import node

    monkeypatch.setattr(node, 'FastSam', FastSam)
    graph = start_real(model='/nowhere/model.onnx', autostart=False)
    graph.diagnostics = graph.mailbox(DiagnosticArray, '/diagnostics')
    graph.node.trigger_configure()
    status = status_of(graph, 'model', lambda s: s.level == DiagnosticStatus.ERROR)
    assert '/nowhere/model.onnx' in status.message
    assert texts(status)['state'] == 'unconfigured'


def test_ids_stay_while_a_thing_moves_and_are_new_on_each_frame_without_tracking(robot):
    ids = []
    for left in (10, 14, 18):
        stamp = robot.publish(picture(red=(left, 10, left + 40, 60), blue=(90, 70, 100, 80)))
        ids.append({s.area: s.id for s in robot.results.at(stamp).segmentations})
    assert ids[0] == ids[1] == ids[2]
    scene = picture(red=(left, 10, left + 40, 60), blue=(90, 70, 100, 80))
    robot.node.set_parameters([Parameter('tracking', value=False)])
    untracked = [s.id for _ in range(2)
                 for s in robot.results.at(robot.publish(scene)).segmentations]
    robot.node.set_parameters([Parameter('tracking', value=True)])
    assert len({*untracked, *ids[0].values()}) == 6 and 0 not in untracked
