# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam doctor` tries what there is and advises on what there is not."""

import json
import threading

import pytest

from fastsam_ros.backends.tensorrt.gpu import Gpu
from fastsam_ros.core import BackendError
from fastsam_ros.doctor import checks
from fastsam_ros.doctor.findings import State


@pytest.fixture
def without_ros(monkeypatch):
    real = checks.importlib.util.find_spec
    monkeypatch.setattr(
        checks.importlib.util, 'find_spec', lambda name: None if name == 'rclpy' else real(name)
    )


def test_the_model_that_ships_is_loaded_and_run(fastsam, without_ros):
    result = fastsam('doctor', '--json')
    report = json.loads(result.stdout)
    assert result.exit_code == 0 and report['good']
    rows = {(row['topic'], row['name']): row for row in report['findings']}
    assert 'segments' in rows['Model', 'by itself']['text']
    assert rows['Model', 'fastsam-n']['text'].endswith('MB')
    assert rows['Libraries', 'numpy']['state'] == 'good'
    assert rows['ROS', 'rclpy']['state'] == 'note' and rows['ROS', 'rclpy']['advice']


def test_a_broken_model_is_bad(fastsam, without_ros, tmp_path):
    path = tmp_path / 'broken.onnx'
    path.write_bytes(b'nonsense')
    result = fastsam('doctor', '--model', path)
    assert result.exit_code == 1
    assert '✗' in result.stdout and str(path) in result.stdout


def test_a_model_that_is_not_there_is_bad_and_says_how_to_get_it(fastsam, without_ros, tmp_path,
                                                                 monkeypatch):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    result = fastsam('doctor', '--model', 'FastSAM-s.pt')
    assert result.exit_code == 1 and 'fastsam models get FastSAM-s.pt' in result.stdout


def test_libraries_that_are_missing_or_broken_are_told_apart(tmp_path, monkeypatch):
    (tmp_path / 'lacking.py').write_text('import nothing_of_this_name')
    (tmp_path / 'failing.py').write_text('raise RuntimeError("no libGL.so.1")')
    monkeypatch.syspath_prepend(str(tmp_path))
    missing = checks.check_library('not_there_at_all', 'not-there', 'tests', State.NOTE)
    assert (missing.state, missing.advice) == (State.NOTE, 'pip install not-there')
    needed = checks.check_library('not_there_at_all', 'not-there', 'tests', State.BAD)
    assert needed.state is State.BAD
    lacking = checks.check_library('lacking', 'lacking', 'tests', State.NOTE)
    assert 'nothing_of_this_name' in lacking.text and 'nothing_of_this_name' in lacking.advice
    failing = checks.check_library('failing', 'failing', 'tests', State.NOTE)
    assert 'libGL' in failing.text and '--force-reinstall' in failing.advice


def test_a_camera_is_found_with_its_encoding_and_qos(monkeypatch):
    """A publisher in this process, as a camera driver would offer it."""
    rclpy = pytest.importorskip('rclpy', reason='no ROS in this environment')
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Image

    from fastsam_ros.doctor.ros_checks import look_at_ros

    context = rclpy.context.Context()
    rclpy.init(context=context)
    node = rclpy.create_node('driver', context=context)
    publisher = node.create_publisher(Image, '/front/image_raw', qos_profile_sensor_data)
    image = Image(height=4, width=6, encoding='bgr8', step=18)
    image.data = bytes(72)
    ended = threading.Event()

    def publish():
        while not ended.wait(0.05):
            publisher.publish(image)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        for wait in (3.0, 20.0):  # a machine under load may take long to find it
            findings = {finding.name: finding for finding in look_at_ros(wait)}
            if 'bgr8' in getattr(findings.get('/front/image_raw'), 'text', ''):
                break
    finally:
        ended.set()
        thread.join()
        node.destroy_node()
        rclpy.shutdown(context=context)
    camera = findings['/front/image_raw']
    assert 'bgr8 6x4' in camera.text and 'best effort volatile' in camera.text
    assert 'image:=/front/image_raw' in camera.advice
    assert findings['node'].text == 'no fastsam node is running'


@pytest.mark.parametrize(('nvidia', 'state', 'advised'), [
    (True, State.BAD, True), (False, State.NOTE, False)])
def test_a_gpu_that_nobody_sees_is_bad_where_there_is_a_driver(
        monkeypatch, nvidia, state, advised):
    def none(index):
        raise BackendError('there is no GPU 0: torch sees 0 GPUs. Check the driver')

    monkeypatch.setattr(checks, 'find_gpu', none)
    monkeypatch.setattr(checks, '_nvidia', lambda: nvidia)
    found = checks._cuda()
    assert (found.state, found.text) == (state, 'there is no GPU 0: torch sees 0 GPUs')
    assert found.advice == ('Check the driver' if advised else '')


@pytest.mark.parametrize(('capability', 'state', 'words'), [
    ('8.7', State.GOOD, ''),
    ('1.0', State.NOTE, '; masks are made on the CPU: no kernels for sm_10')])
def test_a_gpu_without_torch_is_one_for_engines(monkeypatch, tmp_path, capability, state, words):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    monkeypatch.setattr(checks, 'find_gpu', lambda index: Gpu('NVIDIA Orin', capability, False))
    found = checks._cuda()
    assert found.state is state
    assert found.text.startswith(f'NVIDIA Orin, for engines of TensorRT alone{words}')
    assert ('nvidia-cuda-nvrtc' in found.advice) == bool(words)
