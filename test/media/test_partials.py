# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What unfinished writers leave goes, and what a living one has stays."""

import os
import subprocess
import sys

from fastsam_ros.media.atomic_files import replacing
from fastsam_ros.media.partials import OLD, PARTIAL, sweep, unfinished

KILLED = (
    'import os, sys\n'
    'from pathlib import Path\n'
    'from fastsam_ros.media.partials import unfinished\n'
    'with unfinished(Path(sys.argv[1])) as folder:\n'
    '    (folder / "half").touch()\n'
    '    os._exit(9)\n'
)


def leave(folder):
    """What a process leaves that was killed."""
    folder.mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, '-c', KILLED, str(folder)], check=False)
    assert done.returncode == 9
    (left,) = folder.iterdir()
    return left


def age(path, seconds):
    for each in (*path.rglob('*'), path):
        changed = each.stat().st_mtime - seconds
        os.utime(each, (changed, changed))


def test_what_a_killed_process_left_goes_with_the_next_file_in_that_folder(tmp_path):
    left = leave(tmp_path / 'out')
    with replacing(tmp_path / 'out' / 'another') as temporary:
        temporary.touch()
        assert not left.exists()
    assert [path.name for path in (tmp_path / 'out').iterdir()] == ['another']


def test_what_a_living_process_writes_stays_however_old(tmp_path):
    with unfinished(tmp_path) as folder:
        age(folder, 2 * OLD)
        sweep(tmp_path)
        assert folder.is_dir()
    assert not folder.exists()


def test_of_another_machine_only_what_is_old_goes(tmp_path):
    """And of an earlier release, whose names said nothing of the writer."""
    foreign = leave(tmp_path / 'out').rename(tmp_path / f'{PARTIAL}01234567-1-89abcdef')
    earlier = tmp_path / f'{PARTIAL}cat.png'
    earlier.touch()
    age(foreign, OLD / 2), age(earlier, OLD / 2)
    sweep(tmp_path)
    assert foreign.exists() and earlier.exists()
    age(foreign, OLD), age(earlier, OLD)
    (foreign / 'more').touch()  # it still writes
    sweep(tmp_path)
    assert foreign.exists() and not earlier.exists()
    age(foreign, 2 * OLD)
    sweep(tmp_path)
    assert not foreign.exists()


def test_nobody_else_s_file_goes(tmp_path):
    for name in ('.fastsam', 'cat.png', '.fastsam-partial'):
        (tmp_path / name).touch()
        age(tmp_path / name, 2 * OLD)
    sweep(tmp_path)
    assert len(list(tmp_path.iterdir())) == 3
