# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""scripts/env.sh in bash and in zsh."""

from __future__ import annotations

import os
from pathlib import Path
import shutil
import subprocess

from environment import layout
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELLS = [
    pytest.param(shell, marks=pytest.mark.skipif(
        not shutil.which(shell), reason=f'{shell} is not installed'))
    for shell in ('bash', 'zsh')
]


def run(shell: str, script: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {'PATH': os.environ['PATH'], 'HOME': '/nowhere', **variables}
    return subprocess.run([shell, '-c', script], env=environment, capture_output=True, text=True,
                          check=False)


def make_checkout(folder: Path, install: str = '', venv: str = '') -> Path:
    """A checkout with env.sh and made-up colcon and virtual environments."""
    (folder / 'scripts').mkdir(parents=True)
    shutil.copy(ROOT / 'scripts' / 'env.sh', folder / 'scripts')
    if install:
        (folder / install).mkdir(parents=True)
        for shell in ('bash', 'zsh'):
            (folder / install / f'setup.{shell}').write_text('SETUP=done\n')
    if venv:
        (folder / venv / 'bin').mkdir(parents=True)
        (folder / venv / 'bin' / 'activate').write_text(f'ACTIVATED={venv}\n')
    return folder


@pytest.mark.parametrize('shell', SHELLS)
def test_it_says_that_nothing_is_built_and_leaves_the_shell(shell, tmp_path):
    checkout = make_checkout(tmp_path)
    done = run(shell, f'. {checkout}/scripts/env.sh; echo "status $?"')
    assert done.stdout == 'status 1\n'
    assert 'nothing is built yet' in done.stderr
    assert "run 'make build'" in done.stderr


@pytest.mark.parametrize('shell', SHELLS)
@pytest.mark.parametrize('variables', [
    {}, {'ROS': 'kilted'}, {'ROS': 'system'}, {'ROS': 'jazzy'}, {'PYTHON': 'python3'},
    {'PYTHON': '/usr/bin/python3.12'}, {'ROS': 'jazzy', 'PYTHON': 'python3.12'},
], ids=str)
def test_it_enters_what_the_set_up_made(shell, variables, tmp_path):
    suffix = layout.name_suffix(variables)
    checkout = make_checkout(tmp_path, f'install{suffix}', f'.venv{suffix}')
    done = run(shell, f'. {checkout}/scripts/env.sh && echo $ACTIVATED $SETUP $PYTHONPATH',
               **variables)
    assert done.stdout == f'.venv{suffix} done {checkout}\n'
    assert done.stderr == ''


@pytest.mark.parametrize('shell', SHELLS)
def test_it_takes_a_workspace_that_was_built_by_hand(shell, tmp_path):
    checkout = make_checkout(tmp_path / 'src' / 'fastsam_ros')
    (tmp_path / 'install' / 'fastsam_ros').mkdir(parents=True)
    (tmp_path / 'install' / f'setup.{shell}').write_text('SETUP=workspace\n')
    done = run(shell, f'. {checkout}/scripts/env.sh && echo $SETUP')
    assert done.stdout == 'workspace\n'


@pytest.mark.parametrize('shell', SHELLS)
def test_wheels_leave_a_sourced_distribution_behind(shell, tmp_path):
    checkout = make_checkout(tmp_path, 'install', '.venv')
    (checkout / '.venv' / 'share' / 'rclpy').mkdir(parents=True)
    done = run(shell, f'. {checkout}/scripts/env.sh && echo $LD_LIBRARY_PATH $AMENT_PREFIX_PATH',
               AMENT_PREFIX_PATH='/opt/ros/x:/ws/install/y', ROS_DISTRO='x',
               LD_LIBRARY_PATH='/opt/ros/x/lib:/usr/local/cuda/lib64:/ws/install/y/lib')
    assert done.stdout == f'/usr/local/cuda/lib64 {checkout}/.venv\n'


@pytest.mark.parametrize('shell', SHELLS)
def test_it_tells_people_what_there_is_and_programs_nothing(shell, tmp_path):
    checkout = make_checkout(tmp_path, install='install')
    script = f'. {checkout}/scripts/env.sh'
    assert run(shell, script).stdout == ''
    environment = {'PATH': '/usr/bin:/bin', 'HOME': str(tmp_path)}
    told = subprocess.run(
        [shell, '-i', '-c', script], env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, start_new_session=True)
    assert '`fastsam ask`' in told.stdout and '`fastsam --help`' in told.stdout


@pytest.mark.parametrize('shell', SHELLS)
def test_the_real_one_finds_messages_and_sources(shell):
    environment = {name: os.environ[name] for name in ('ROS', 'PYTHON') if name in os.environ}
    suffix = layout.name_suffix(environment)
    if not (ROOT / f'install{suffix}' / f'setup.{shell}').is_file():
        pytest.skip('not built here: run make build')
    program = 'import fastsam_ros.msg, fastsam_ros, rclpy; print(fastsam_ros.__file__)'
    done = run(shell, f'. {ROOT}/scripts/env.sh && cd / && python -c "{program}"', **environment)
    assert done.stdout == f'{ROOT}/fastsam_ros/__init__.py\n', done.stderr


@pytest.mark.skipif(not shutil.which('dash'), reason='dash is not installed')
def test_another_shell_is_told():
    done = run('dash', f'. {ROOT}/scripts/env.sh; echo "status $?"')
    assert 'is for bash and zsh' in done.stderr
    assert done.stdout == 'status 1\n'
