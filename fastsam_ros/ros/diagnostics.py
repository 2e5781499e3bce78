# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the node says about itself on /diagnostics."""

from __future__ import annotations

import os
from pathlib import Path
import sys

from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from fastsam_ros.fastsam import FastSam
from fastsam_ros.ros.depth.camera import SpaceCamera
from fastsam_ros.ros.inference.camera import Camera
from fastsam_ros.ros.topics.colour_conversion import find_colour_conversion
from fastsam_ros.ros.topics.image_subscription import SILENCE


def array(stamp: Time, statuses: list[DiagnosticStatus]) -> DiagnosticArray:
    """The message of one round."""
    message = DiagnosticArray(status=statuses)
    message.header.stamp = stamp
    return message


def model_status(node: str, state: str, model: FastSam | None, error: str) -> DiagnosticStatus:
    """
    The model's.

    :param node: the node's full name
    :param state: lifecycle state, in words
    :param model: None while none is loaded
    :param error: why the last attempt to load it failed; or empty
    """
    values = {'state': state, 'process memory [MB]': f'{resident():.0f}'}
    if model is not None:
        conversion = find_colour_conversion()
        values['images converted by'] = conversion.name + (
            f' ({conversion.problem})' if conversion.problem else '')
        values.update({
            'model': model.name, 'model file': model.path, 'runtime': model.runtime,
            'device': model.device, 'precision': model.precision,
            'image size': model.image_size, 'confidence': model.confidence, 'iou': model.iou,
        })
        words = getattr(model, 'words', None)
        if words is not None:
            known = words.names  # reads the file anew, should it have changed
            values['taught words'] = words.problem or len(known)
        values.update(device_memory(model.device))
    level = DiagnosticStatus.ERROR if error else DiagnosticStatus.OK
    return _status(node, 'model', level, error or state, values)


def camera_status(node: str, camera: Camera, active: bool) -> DiagnosticStatus:
    """
    One camera's.

    :param node: the node's full name
    :param active: whether the node is
    """
    report, subscription = camera.counters.report(), camera.subscription
    topic, publishers = subscription.topic, subscription.publishers
    level, text = DiagnosticStatus.OK, f'{report.rate_out:.1f} results/s'
    if active and report.silence > SILENCE:
        level = DiagnosticStatus.WARN
        text = f'no image on {topic} ({publishers} publishers)'
    elif active and report.failures and not report.rate_out:
        level = DiagnosticStatus.WARN
        text = (f'images come on {topic}, but the last {report.failures} could not be processed: '
                'see the log')
    elif active and not camera.is_streaming():
        text = 'waits for prompts and subscribers'
    values = {
        'topic': topic, 'publishers': publishers,
        'images in [1/s]': f'{report.rate_in:.2f}', 'results out [1/s]': f'{report.rate_out:.2f}',
        'images received': report.received, 'frames processed': report.processed,
        'frames dropped': report.dropped, 'frames failed': report.failed,
        'images late': report.late, 'restarts of the stamps': report.restarts,
        'boxes without their frame': report.unpaired,
        'images lost on the way': report.lost, 'segments': report.segments,
        'frames kept': len(camera.history),
        'frames kept [MB]': f'{camera.history.nbytes / 1e6:.1f}',
        'standing prompts': len(camera.standing),
    }
    values.update(_depth_values(camera.space))
    values.update({
        'tracked out [1/s]': f'{report.rate_tracked:.2f}',
        'frames not tracked': report.untracked})
    for name, figures in (
            ('age of results', report.age), ('since stamp', report.delay),
            ('age of tracked', report.age_tracked)):
        for percentile, seconds in zip((50, 95, 99), figures):
            values[f'{name} p{percentile} [ms]'] = f'{seconds * 1e3:.1f}'
    return _status(node, topic, level, text, values)


def _depth_values(space: SpaceCamera) -> dict[str, object]:
    """How depth and images go together; nothing where depth is not wanted."""
    if not space.depth:
        return {}
    report = space.report()
    values = {
        'results with depth': report.paired, 'results without depth': report.unpaired,
        'results that have no place': report.failed,
        'depth stamp minus image stamp [ms]': f'{report.difference * 1e3:.1f}'}
    if report.reason:
        values['last reason'] = report.reason
    if space.missing:
        values['not installed'] = ', '.join(sorted(space.missing))
    return values


def _status(
    node: str, part: str, level: bytes, text: str, values: dict[str, object]
) -> DiagnosticStatus:
    pairs = [KeyValue(key=key, value=str(value)) for key, value in values.items()]
    # Monitors group by it, so two nodes must not share one.
    return DiagnosticStatus(
        name=f'{node}: {part}', level=level, message=text, hardware_id=node.lstrip('/'),
        values=pairs)


def resident() -> float:
    """Memory of this process, MB."""
    statm = Path('/proc/self/statm')
    if not statm.exists():
        return 0.0
    return int(statm.read_text().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6


def device_memory(device: str) -> dict[str, str]:
    """What torch holds of a GPU; nothing elsewhere."""
    torch = sys.modules.get('torch')
    if torch is None or not device.startswith('cuda'):
        return {}
    return {
        'device memory in use [MB]': f'{torch.cuda.memory_allocated(device) / 1e6:.0f}',
        'device memory held [MB]': f'{torch.cuda.memory_reserved(device) / 1e6:.0f}',
    }
