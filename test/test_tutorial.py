# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The tutorial does what it says: its blocks are run as a reader would, in their order."""

import os
from pathlib import Path
import re
import subprocess

import cv2
import numpy as np
import pytest
from ros_domains import claim_domain

TUTORIAL = Path(__file__).parents[1] / 'docs' / 'tutorial.md'
PATIENCE = 300  # seconds; it takes 30
OUTLINE = [  # of the cup with its handle, drawn by hand, pixels of the photograph
    (173, 105), (180, 65), (205, 35), (245, 20), (290, 17), (335, 23), (375, 40), (403, 70),
    (412, 105), (405, 150), (385, 215), (370, 240), (330, 268), (290, 283), (255, 283), (245, 305),
    (215, 308), (196, 293), (200, 270), (222, 235), (195, 195), (178, 150)]
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
    domain = claim_domain()  # a node of another test must not answer
    environment = {**os.environ, 'ROS_DOMAIN_ID': domain}
    with Watcher(int(domain), '/fastsam/prompted', watching.touch) as watcher:
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


def test_the_cup_is_followed(played):
    """Where the segments that it names lie in the photograph, as far as they were seen."""
    folder, output, seen = played
    places = re.findall(r'^(\d+\.\d{9}): at (\d+), (\d+), (\d+) pixels$', output, re.MULTILINE)
    assert len(places) == 30
    assert re.search(r'^the cup is segment \d+ in all of them$', output, re.MULTILINE)
    photograph = cv2.imread(str(folder / 'cup.png'))
    cup = the_cup(photograph)
    overlaps = [
        overlap(photograph, cup, *seen[stamp], tuple(map(int, numbers)))
        for stamp, *numbers in places if stamp in seen]
    found = [value for value in overlaps if value is not None]
    assert found, f'of {len(places)} frames {len(overlaps)} were seen, {len(seen)} in all'
    assert np.median(found) > 0.6, found


def the_cup(photograph):
    """Its mask, drawn by hand, 0 or 255."""
    mask = np.zeros(photograph.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.array(OUTLINE)], 255)
    return mask


def overlap(photograph, cup, picture, message, named):
    """IoU of the segment that was named and the cup in that frame; None: it can't be told."""
    from watcher import STEP, mask_of

    there = camera_pose(photograph, picture[..., ::-1])
    if there is None:
        return None
    seen = cv2.warpAffine(cup, there, picture.shape[1::-1]) > 127
    (segment,) = [s for s in message.segmentations if middle(s) == named]
    mask = mask_of(segment, message.height, message.width)[::STEP, ::STEP]
    return (mask & seen).sum() / (mask | seen).sum()


def middle(segment):
    """As follow.py prints it."""
    box = segment.box
    x, y = box.x_offset + box.width / 2, box.y_offset + box.height / 2
    return int(f'{x:.0f}'), int(f'{y:.0f}'), segment.area


def camera_pose(photograph, picture):
    """What leads from pixels of the photograph to those of a view of it, by matching details."""
    finder = cv2.SIFT_create()
    (theirs, theirs_as), (ours, ours_as) = (
        finder.detectAndCompute(image, None) for image in (photograph, picture))
    if ours_as is None or len(ours) < 10:
        return None
    matches = cv2.BFMatcher(crossCheck=True).match(theirs_as, ours_as)
    source = np.float32([theirs[match.queryIdx].pt for match in matches])
    target = np.float32([ours[match.trainIdx].pt for match in matches])
    there, inliers = cv2.estimateAffinePartial2D(source, target, ransacReprojThreshold=3)
    return there if there is not None and inliers.sum() >= 10 else None
