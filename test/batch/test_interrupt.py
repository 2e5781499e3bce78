# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ctrl-C in the real command, and the second run that goes on from there."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys

from command_line import contents, make_movie
import cv2
import numpy as np
import pytest

PATIENCE = 600  # seconds until a run is given up; it takes a few


def command(*arguments):
    """Run the command to its end: exit code, standard output and standard error."""
    return run_python('from fastsam_ros.__main__ import main; main()', *arguments)


def interrupted(*arguments, after, number=signal.SIGINT):
    """The same; it gets a signal as soon as it has put so many records into its journal."""
    return run_python(f"""
import os
from fastsam_ros.__main__ import main
from fastsam_ros.batch.resume import Journal

def add_and_stop(self, *record):
    global left
    add(self, *record)
    left -= 1
    if not left:
        os.kill(os.getpid(), {int(number)})

add, left, Journal.add = Journal.add, {after}, add_and_stop
main()
""", *arguments)


def run_python(program, *arguments):
    settings = ['--image-size', '128', '--confidence', '0.1', '--precision', 'fp32']
    line = [sys.executable, '-c', program, 'segment', *map(str, arguments), *settings]
    environment = {**os.environ, 'OMP_NUM_THREADS': '1'}
    root = Path(__file__).parents[2]
    done = subprocess.run(
        line, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def hundred(tmp_path, photos):
    """A hundred small pictures, all different."""
    folder = tmp_path / 'hundred'
    folder.mkdir()
    views = [photo[y : y + 96, x : x + 128] for photo in photos.values() for y in range(0, 80, 9)
             for x in range(0, 190, 50)]
    for number, view in enumerate(views[:100]):
        cv2.imwrite(str(folder / f'{number}.png'), view[..., ::-1])
    assert len(list(folder.iterdir())) == 100
    return folder


def test_a_folder_interrupted_and_resumed_gives_the_same_files(hundred, tmp_path):
    formats = ['-f', 'overlay', '-f', 'labels', '-f', 'coco']
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert command(hundred, '-o', whole, *formats)[0] == 0
    first = interrupted(hundred, '-o', parts, *formats, after=24)
    assert first[0] == 130, first
    assert 'goes on from here' in first[2]
    early = contents(parts)
    listed = json.loads((parts / 'results.json').read_text())
    assert 0 < len({entry['file_name'] for entry in listed}) < 100
    code, stdout, stderr = command(hundred, '-o', parts, *formats, '--json')
    assert code == 0 and 'Going on' in stderr
    assert contents(parts) == contents(whole)
    assert len(json.loads(stdout)['done']) == 100
    kept = [name for name in early if name.endswith('.png') and 'partial' not in name]
    assert kept and all(early[name] == contents(parts)[name] for name in kept)


def test_a_video_interrupted_and_resumed_gives_the_same_file(tmp_path, photos):
    """Thirty seconds, interrupted twice."""
    movie = tmp_path / 'clip.mp4'
    make_movie(movie, np.concatenate([photos['coffee']] * 3), frames=300, size=(128, 96))
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    formats = ['-f', 'overlay', '-f', 'coco']
    assert command(movie, '-o', whole, *formats)[0] == 0
    for records in (40, 110):
        code, _, stderr = interrupted(movie, '-o', parts, *formats, after=records)
        assert code == 130, stderr
        assert not (parts / 'clip_overlay.mp4').exists()
    code, _, stderr = command(movie, '-o', parts, *formats)
    assert code == 0 and 'Going on' in stderr
    assert contents(parts) == contents(whole)


def test_sigterm_ends_it_as_well_and_another_request_begins_anew(hundred, tmp_path):
    out = tmp_path / 'out'
    first = interrupted(hundred, '-o', out, after=5, number=signal.SIGTERM)
    assert first[0] == 128 + signal.SIGTERM
    code, stdout, stderr = command(hundred, '-o', out, '--point', '60,50', '--json')
    assert code == 0 and 'Going on' not in stderr
    assert len(json.loads(stdout)['done']) == 100
