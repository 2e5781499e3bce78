# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam label` ended at random moments, and on a cluster that loses a worker."""

from contextlib import suppress
import os
from pathlib import Path
import random
import signal
import subprocess
import time

from command_line import contents
import pytest

RANDOM = random.Random(19)
PATIENCE = 600  # seconds until a run is given up
POLL = 0.02


def test_ended_at_random_moments_it_loses_nothing_and_does_nothing_twice(
    start_label, label, pictures, tmp_path
):
    assert label(pictures, tmp_path / 'whole').exit_code == 0
    begin = time.monotonic()
    assert start_label(pictures, tmp_path / 'first').wait(PATIENCE) == 0
    longest = time.monotonic() - begin
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        process = start_label(pictures, tmp_path / 'parts')
        with suppress(subprocess.TimeoutExpired):
            process.wait(RANDOM.uniform(longest / 3, longest))
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    assert label(pictures, tmp_path / 'parts').exit_code == 0
    assert contents(tmp_path / 'parts') == contents(tmp_path / 'whole')


def find_actors(mark):
    """Processes of Ray's actors that were started with a variable of ours."""
    for process in Path('/proc').glob('[0-9]*'):
        with suppress(OSError):
            if (process / 'cmdline').read_bytes().startswith(b'ray::MapWorker') and (
                    mark.encode() in (process / 'environ').read_bytes()):
                yield int(process.name)


def test_a_cluster_that_loses_a_worker_gives_the_same(start_label, label, pictures, tmp_path):
    pytest.importorskip('ray')
    assert label(pictures, tmp_path / 'whole', '--chunk', '1').exit_code == 0
    mark = f'FASTSAM_TEST_MARK={tmp_path}'
    process = start_label(
        pictures, tmp_path / 'parts', '--chunk', '1', '--ray', '--workers', '2',
        **dict([mark.split('=')]))
    labels = tmp_path / 'parts' / 'labels'
    while process.poll() is None and not list(labels.glob('p*.parquet')):
        time.sleep(POLL)
    first, *_ = find_actors(mark)
    os.kill(first, signal.SIGKILL)
    _, stderr = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, stderr
    assert contents(tmp_path / 'parts') == contents(tmp_path / 'whole')
    assert len(list(labels.iterdir())) == 10
