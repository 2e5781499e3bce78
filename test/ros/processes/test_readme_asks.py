# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""README's `fastsam ask` word by word, in the shell that `make demo` leaves: without ros2cli."""

import os
from pathlib import Path
import re
import subprocess
import sys

from graph import wait_until
import pytest

ROOT = Path(__file__).parents[3]
START = 120  # seconds that processes may take on a busy machine
TEXTS = [(ROOT / name).read_text() for name in ('README.md', 'docs/reference/asking.md')]
COMMANDS = [command for text in TEXTS for command in re.findall(
    r'^    (fastsam ask .+?)(?: +#.*)?$', text, re.M)]


@pytest.fixture(scope='module')
def node(tmp_path_factory):
    """The node and the demo camera, as processes; the node has segmented a frame."""
    log = tmp_path_factory.mktemp('node') / 'said'
    settings = {'fastsam_node': 'image_size:=320', 'demo_camera': 'rate:=5.0'}  # less to compute
    with log.open('w') as output:
        processes = [subprocess.Popen(
            [sys.executable, str(ROOT / 'scripts' / name), '--ros-args', '-p', setting],
            stderr=output, stdout=output) for name, setting in settings.items()]
    wait_until(lambda: 'active' in log.read_text(), START)
    wait_until(lambda: run('fastsam ask --selection all --wait 60').returncode == 0, START)
    yield
    for process in processes:
        process.terminate()
    assert [process.wait(START) for process in processes] == [0, 0]


def run(command: str) -> subprocess.CompletedProcess:
    """Run it as the installed command would."""
    program = f'{sys.executable} -m fastsam_ros.cli.app'
    return subprocess.run(
        ['bash', '-c', command.replace('fastsam', program, 1)], capture_output=True, text=True,
        env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)})


@pytest.mark.parametrize('command', COMMANDS)
def test_it_works_as_it_stands_there(node, command):
    done = run(command)
    if re.search(r"ask ['\w]|--clear|--teach", command):  # words are the model's affair
        assert done.returncode == 0 or len(done.stderr.strip()) > 20
    else:
        assert done.returncode == 0, done.stderr
        assert re.search(r'\d+ pixels|nothing there', done.stdout)
    assert 'Traceback' not in done.stderr


def test_there_is_one_for_every_call_of_the_service():
    readme, asking = TEXTS
    section = asking.split('\n## Ask\n')[1].split('\n## ')[0]
    assert section.count('    fastsam ask') == section.count('ros2 service call')
    assert '    fastsam ask' in readme
