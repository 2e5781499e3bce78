# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The tutorial does what it says: its blocks are run as a reader would, in their order."""

import os
from pathlib import Path
import re
import subprocess

import pytest

TUTORIAL = Path(__file__).parents[1] / 'docs' / 'tutorial.md'
PATIENCE = 300  # seconds; it takes 30
BLOCK = re.compile(r'^```(bash|python)(?: (\S+))?\n(.*?)^```$', re.MULTILINE | re.DOTALL)


def blocks():
    """The page's blocks: kind, file name or '', text."""
    return BLOCK.findall(TUTORIAL.read_text())


@pytest.fixture(scope='module')
def played(tmp_path_factory):
    """The folder and the output of a reader who typed everything."""
    pytest.importorskip('rclpy', reason='rclpy is not installed')
    folder = tmp_path_factory.mktemp('tutorial')
    for kind, name, text in blocks():
        if kind == 'python':
            (folder / name).write_text(text)
    stop = "trap 'kill $(jobs -p) 2>/dev/null || :; wait' EXIT"  # also when a block fails
    script = '\n'.join([stop, *(text for kind, _, text in blocks() if kind == 'bash')])
    # Its own domain: a node of another test or of a user must not answer.
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(os.getpid() % 100 + 101)}
    # `timeout` ends all of them together, where ending bash alone would leave node and camera.
    result = subprocess.run(
        ['timeout', str(PATIENCE), 'bash', '-ec', script], cwd=folder, env=environment,
        capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, result.stdout


def test_pictures_are_written(played):
    folder, _ = played
    assert (folder / 'everything' / 'cup_overlay.jpg').stat().st_size > 10000
    assert (folder / 'click' / 'cup_overlay.jpg').stat().st_size > 10000


def test_the_click_finds_the_cup(played):
    _, output = played
    segments, cup, spoon = map(int, re.search(
        r'(\d+) segments; the cup has (\d+) pixels, the spoon (\d+)', output).groups())
    assert segments >= 5
    # Of 600 x 400 pixels: by hand, the cup has about 50,000, the spoon's bowl about 5,500.
    assert 35000 < cup < 70000
    assert 3000 < spoon < 12000


def test_the_cup_is_followed(played):
    _, output = played
    clicks = re.findall(r'^following segment (\d+), (\d+) pixels$', output, re.MULTILINE)
    places = re.findall(r'^\d+\.\d{9}: at (\d+), (\d+)$', output, re.MULTILINE)
    assert clicks and all(int(number) > 0 and int(area) >= 20000 for number, area in clicks)
    assert len(places) == 30
    assert all(0 <= int(x) < 854 and 0 <= int(y) < 480 for x, y in places)
