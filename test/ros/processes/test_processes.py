# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The programs as processes: how they start, refuse to, and end."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import sys

from graph import Mailbox, wait_until
import pytest
from ros_domains import claim_domain
from sensor_msgs.msg import Image

from fastsam_ros.msg import SegmentationArray
from fastsam_ros.srv import ClearPrompts

SCRIPTS = Path(__file__).parents[3] / 'scripts'
START = 120  # seconds that a process may take on a busy machine


@contextmanager
def running(program: str, *arguments: str) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, str(SCRIPTS / program), *arguments], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize('parameter, words', [
    ('confidence:=1.5', ['confidence', '0.0 to 1.0', '1.5']),
    ('mode:=never', ['mode', 'auto, everything', "'never'"]),
    ('cameras:=[1, 2]', ['cameras', 'a list of different names', '[1, 2]']),
])
def test_a_bad_parameter_at_the_start_ends_the_process_and_says_which(parameter, words):
    with running('fastsam_node', '--ros-args', '-p', parameter) as process:
        _, error = process.communicate(timeout=START)
    assert process.returncode == 2
    (line,) = [line for line in error.splitlines() if line.startswith('fastsam_node: ')]
    for word in words:
        assert word in line


@pytest.mark.parametrize('arguments, words', [
    (['-p', 'source:=/nowhere'], ['/nowhere is not there']),
    (['-p', 'rate:=0.0'], ['rate', '0.1', '240']),
])
def test_a_demo_camera_with_nothing_to_show_says_so(arguments, words):
    with running('demo_camera', '--ros-args', *arguments) as process:
        _, error = process.communicate(timeout=START)
    assert process.returncode == 2
    for word in words:
        assert word in error


@pytest.mark.parametrize('speed, moves', [('0.0', False), ('10.0', True)])
def test_the_demo_camera_wanders_as_fast_as_is_asked(client, speed, moves):
    name = f'moves_{moves}'.lower()
    images = Mailbox()
    client.create_subscription(Image, f'{name}/image', images.put, 1)
    with running('demo_camera', '--ros-args', '-r', f'__ns:=/{name}', '-p', f'speed:={speed}',
                 '-p', 'width:=64', '-p', 'height:=48'):
        first = images.wait()
        wait_until(lambda: len(images.messages) >= 10, START)
        assert any(image.data != first.data for image in images.messages[:10]) == moves


def test_node_and_demo_camera_run_and_end_cleanly(client):
    results, images = Mailbox(), Mailbox()
    client.create_subscription(SegmentationArray, 'run/fastsam/segmentations', results.put, 1)
    client.create_subscription(Image, 'run/image', images.put, 1)
    where = ('--ros-args', '-r', '__ns:=/run')
    with running('fastsam_node', *where, '-p', 'image_size:=320') as node, running(
            'demo_camera', *where, '-p', 'width:=320', '-p', 'height:=180', '-p', 'rate:=10.0',
            '-p', 'frame_id:=lens') as camera:
        wait_until(lambda: results.messages or node.poll() is not None, START)
        result, image = results.wait(), images.wait()
        assert (image.width, image.height, image.encoding) == (320, 180, 'rgb8')
        assert result.header.frame_id == image.header.frame_id == 'lens'
        assert (result.width, result.height) == (320, 180)
        node.send_signal(signal.SIGINT)
        node.send_signal(signal.SIGINT)  # people press it twice
        camera.send_signal(signal.SIGTERM)
        assert node.wait(START) == 0
        assert camera.wait(START) == 0
        said = node.stderr.read() + camera.stderr.read()
        assert 'Traceback' not in said and 'exception' not in said


def test_the_demo_runs_asks_and_leaves_no_process_behind(tmp_path):
    environment = {
        **os.environ, 'DURATION': '1', 'WEB': '0', 'CAMERA': '',
        'ROS_DOMAIN_ID': claim_domain()}
    done = subprocess.run(
        [sys.executable, '-m', 'fastsam_ros.demo.run'], cwd=tmp_path, env=environment, text=True,
        capture_output=True, timeout=START * 4)
    assert done.returncode == 0, done.stdout + done.stderr
    for words in ('prompt point:', 'results', 'age of results p50', 'everything.png'):
        assert words in done.stdout
    assert (tmp_path / 'out' / 'demo' / 'everything.png').stat().st_size > 10_000
    assert 'Traceback' not in done.stderr
    assert processes_in(tmp_path) == []


def test_the_demo_ends_the_prompts_that_are_named_and_never_all(client):
    from fastsam_ros.demo.client import Client

    asked = Mailbox()

    def clear(request, response):
        asked.put(list(request.ids))
        response.success = True
        return response

    client.create_service(ClearPrompts, 'fastsam/clear_prompts', clear)
    demo = Client()
    demo.clear([], START)
    demo.clear(['demo-point'], START)
    demo.close()
    assert asked.messages == [['demo-point']]


def processes_in(folder: Path) -> list[str]:
    """Command lines of processes that were started in a folder; Linux."""
    found = []
    for process in Path('/proc').glob('[0-9]*'):
        try:
            if (process / 'cwd').resolve() == folder.resolve():
                found.append((process / 'cmdline').read_text())
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


def test_a_demo_that_is_killed_takes_its_processes_with_it(tmp_path):
    environment = {
        **os.environ, 'DURATION': '', 'WEB': '0', 'CAMERA': '',
        'ROS_DOMAIN_ID': claim_domain()}
    demo = subprocess.Popen(
        [sys.executable, '-m', 'fastsam_ros.demo.run'], cwd=tmp_path, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(processes_in(tmp_path)) >= 3, START)
    demo.kill()
    demo.wait()
    wait_until(lambda: processes_in(tmp_path) == [], START)


def test_a_demo_with_a_camera_that_is_not_there_fails_in_words(tmp_path):
    environment = {
        **os.environ, 'WEB': '0', 'CAMERA': '/no/such/video.mp4',
        'ROS_DOMAIN_ID': claim_domain()}
    done = subprocess.run(
        [sys.executable, '-m', 'fastsam_ros.demo.run'], cwd=tmp_path, env=environment, text=True,
        capture_output=True, timeout=START)
    assert done.returncode == 1
    assert '/no/such/video.mp4 is not there' in done.stderr
    assert 'fastsam demo: the demo camera ended with exit code 2' in done.stderr
