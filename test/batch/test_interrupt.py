# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ctrl-C in the real command, and the second run that goes on from there."""

from contextlib import suppress
import json
import os
from pathlib import Path
import random
import signal
import subprocess
import sys
import time

from command_line import contents, make_movie
import cv2
import numpy as np
import pytest

PATIENCE = 600  # seconds until a run is given up; it takes a few


def command(*arguments):
    """Run the command to its end: exit code, standard output and standard error."""
    process = start_command(*arguments)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    return process.returncode, stdout, stderr


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
    process = start_python(program, *arguments)
    stdout, stderr = process.communicate(timeout=PATIENCE)
    return process.returncode, stdout, stderr


def start_command(*arguments):
    """The command in a process of its own."""
    return start_python('from fastsam_ros.__main__ import main; main()', *arguments)


def start_python(program, *arguments):
    settings = ['--image-size', '128', '--confidence', '0.1', '--precision', 'fp32']
    line = [sys.executable, '-c', program, 'segment', *map(str, arguments), *settings]
    return subprocess.Popen(
        line, cwd=Path(__file__).parents[2], env={**os.environ, 'OMP_NUM_THREADS': '1'},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def forty(tmp_path, photos):
    """Forty small pictures, all different."""
    folder = tmp_path / 'forty'
    folder.mkdir()
    views = [photo[y : y + 96, x : x + 128] for photo in photos.values() for y in range(0, 80, 9)
             for x in range(0, 190, 50)]
    for number, view in enumerate(views[:40]):
        cv2.imwrite(str(folder / f'{number}.png'), view[..., ::-1])
    assert len(list(folder.iterdir())) == 40
    return folder


def test_a_folder_interrupted_and_resumed_gives_the_same_files(forty, tmp_path):
    formats = ['-f', 'overlay', '-f', 'labels', '-f', 'coco']
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    assert command(forty, '-o', whole, *formats)[0] == 0
    first = interrupted(forty, '-o', parts, *formats, after=10)
    assert first[0] == 130, first
    assert 'goes on from here' in first[2]
    early = contents(parts)
    listed = json.loads((parts / 'results.json').read_text())
    assert 0 < len({entry['file_name'] for entry in listed}) < 40
    code, stdout, stderr = command(forty, '-o', parts, *formats, '--json')
    assert code == 0 and 'Going on' in stderr
    assert contents(parts) == contents(whole)
    assert len(json.loads(stdout)['done']) == 40
    kept = [name for name in early if name.endswith('.png') and 'partial' not in name]
    assert kept and all(early[name] == contents(parts)[name] for name in kept)


@pytest.mark.parametrize('asked', [[], ['--point', '60,50', '--every', '3']])
def test_a_video_interrupted_and_resumed_gives_the_same_file(tmp_path, photos, asked):
    """Six seconds, interrupted twice."""
    movie = tmp_path / 'clip.mp4'
    make_movie(movie, np.concatenate([photos['coffee']] * 3), frames=60, size=(128, 96))
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    formats = ['-f', 'overlay', '-f', 'coco', *asked]
    assert command(movie, '-o', whole, *formats)[0] == 0
    for records in (10, 35):
        code, _, stderr = interrupted(movie, '-o', parts, *formats, after=records)
        assert code == 130, stderr
        assert not (parts / 'clip_overlay.mp4').exists()
    code, _, stderr = command(movie, '-o', parts, *formats)
    assert code == 0 and 'Going on' in stderr
    assert contents(parts) == contents(whole)


def test_sigterm_ends_it_as_well_and_another_request_begins_anew(forty, tmp_path):
    out = tmp_path / 'out'
    first = interrupted(forty, '-o', out, after=5, number=signal.SIGTERM)
    assert first[0] == 128 + signal.SIGTERM
    code, stdout, stderr = command(forty, '-o', out, '--point', '60,50', '--json')
    assert code == 0 and 'Going on' not in stderr
    assert len(json.loads(stdout)['done']) == 40


RANDOM = random.Random(20)  # the same moments on each run, so that a failure can be looked at


def test_a_signal_at_any_moment_ends_the_run_and_loses_nothing(forty, tmp_path):
    whole, parts = tmp_path / 'whole', tmp_path / 'parts'
    formats = ['-f', 'labels', '-f', 'coco']
    start = time.monotonic()
    assert command(forty, '-o', whole, *formats)[0] == 0
    longest = time.monotonic() - start
    for number in 4 * (signal.SIGINT, signal.SIGTERM):
        process = start_command(forty, '-o', parts, *formats)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=RANDOM.uniform(0, longest))
            continue  # it was faster than the signal
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE)
        # Ours, or Python's own before the first instruction of this program.
        assert process.returncode in (128 + number, 0) or 'fastsam_ros' not in stderr
    assert command(forty, '-o', parts, *formats)[0] == 0
    assert contents(parts) == contents(whole)


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_the_second_signal_ends_at_once_whatever_the_program_waits_for(number):
    """The main thread hangs where no handler of Python's would run."""
    hangs = f"""
import os, threading
from fastsam_ros.cli.interrupt import INTERRUPT
INTERRUPT.listen()
with INTERRUPT.deferred():
    os.kill(os.getpid(), {int(number)})
    while not INTERRUPT:
        pass
    print('noted', flush=True)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
"""
    with subprocess.Popen([sys.executable, '-c', hangs], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b'noted\n'
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number


def test_until_there_is_something_to_finish_the_first_signal_ends_at_once():
    program = """
import threading
from fastsam_ros.cli.interrupt import INTERRUPT
INTERRUPT.listen()
print('listens', flush=True)
threading.Event().wait()
"""
    with subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b'listens\n'
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130


def test_other_commands_clean_up_after_a_keyboard_interrupt():
    program = """
import signal, threading
from fastsam_ros.cli.interrupt import INTERRUPT
INTERRUPT.listen()
INTERRUPT.release()
try:
    print('works', flush=True)
    threading.Event().wait()
except KeyboardInterrupt:
    print('cleaned up')
"""
    with subprocess.Popen([sys.executable, '-c', program], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b'works\n'
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[0] == b'cleaned up\n'
