# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Ctrl-C while a program of the package is still being imported."""

import os
from pathlib import Path
import signal
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[1]
# Stands for the real one, which takes long to import.
SLOW = 'import sys\nprint("importing", flush=True)\nsys.stdin.read()\n'


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('program', [
    ['scripts/demo_camera'], ['scripts/fastsam_node'], ['scripts/web'],
    ['-m', 'fastsam_ros.ros.node']], ids=' '.join)
def test_it_ends_without_a_traceback(tmp_path, program, number):
    (tmp_path / 'rclpy').mkdir()
    (tmp_path / 'rclpy' / '__init__.py').write_text(SLOW)
    path = os.pathsep.join([str(tmp_path), str(ROOT), os.environ.get('PYTHONPATH', '')])
    process = subprocess.Popen(
        [sys.executable, *program], cwd=ROOT, env={**os.environ, 'PYTHONPATH': path},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == 'importing\n'
    process.send_signal(number)
    assert process.wait() == 0
    assert process.stderr.read() == ''
