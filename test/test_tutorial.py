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
    """The folder and the output of a reader who typed everything, and what was to be seen."""
    pytest.importorskip('rclpy', reason='rclpy is not installed')
    from watcher import Watcher

    folder = tmp_path_factory.mktemp('tutorial')
    for kind, name, text in blocks():
        if kind == 'python':
            (folder / name).write_text(text)
    # Those who watch from beside are found as late as it pleases the middleware.
    watching = folder / 'watching'
    wait = f'until [ -e {watching} ]; do sleep 0.1; done'
    stop = "trap 'kill $(jobs -p) 2>/dev/null || :; wait' EXIT"  # also when a block fails
    script = '\n'.join([stop, *(
        f'{wait}\n{text}' if 'follow.py' in text else text
        for kind, _, text in blocks() if kind == 'bash')])
    # Its own domain, 1 to 100: a node of another test or of a user must not answer.
    domain = (int(os.environ.get('ROS_DOMAIN_ID') or os.getpid()) + 25) % 100 + 1
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(domain)}
    with Watcher(domain, watching.touch) as watcher:
        # `timeout` ends all of them together, where ending bash alone would leave node and camera.
        result = subprocess.run(
            ['timeout', str(PATIENCE), 'bash', '-ec', script], cwd=folder, env=environment,
            capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, result.stdout, watcher.seen


def test_pictures_are_written(played):
    folder, _, _ = played
    assert (folder / 'everything' / 'cup_overlay.jpg').stat().st_size > 10000
    assert (folder / 'click' / 'cup_overlay.jpg').stat().st_size > 10000


def test_the_click_finds_the_cup(played):
    _, output, _ = played
    segments, cup, spoon = map(int, re.search(
        r'(\d+) segments; the cup has (\d+) pixels, the spoon (\d+)', output).groups())
    assert segments >= 5
    # Of 600 x 400 pixels: by hand, the cup has about 50,000, the spoon's bowl about 5,500.
    assert 35000 < cup < 70000
    assert 3000 < spoon < 12000


def test_what_was_clicked_is_followed(played):
    """In frames that were seen from beside as well, the segments that it names are there."""
    _, output, seen = played
    clicks = re.findall(r'^following segment (\d+), (\d+) pixels$', output, re.MULTILINE)
    places = re.findall(r'^(\d+\.\d{9}): at (\d+), (\d+), (\d+) pixels$', output, re.MULTILINE)
    assert clicks and all(int(area) >= 60000 for _, area in clicks)
    assert len(places) == 30
    followed = {int(number) for number, _ in clicks}
    shared = [(seen[stamp], tuple(map(int, at))) for stamp, *at in places if stamp in seen]
    assert shared, f'none of {len(places)} frames was seen, {len(seen)} in all'
    for message, at in shared:
        assert at in [middle(s) for s in message.segmentations if s.id in followed]


def middle(segment):
    """As follow.py prints it."""
    box = segment.box
    x, y = box.x_offset + box.width / 2, box.y_offset + box.height / 2
    return int(f'{x:.0f}'), int(f'{y:.0f}'), segment.area
