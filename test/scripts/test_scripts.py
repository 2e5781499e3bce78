# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The set-up: what it says when something is missing, and that it does nothing twice."""

from __future__ import annotations

import ast
import json
from pathlib import Path
import shutil
import subprocess
import sys

from environment import checks, layout, steps
import pytest

ROOT = Path(__file__).resolve().parents[2]
GOOD = {'version': [3, 12], 'venv': True, 'headers': True}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout with the set-up alone: nothing is made in it yet."""
    shutil.copytree(ROOT / 'scripts', tmp_path / 'scripts',
                    ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('Makefile', 'setup.cfg'):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def fake_python(folder: Path, answer: dict) -> str:
    """A program that answers the probe as some other Python would."""
    program = folder / 'python'
    program.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    program.chmod(0o755)
    return str(program)


def set_up_without(checkout: Path, *missing: str, **variables: str) -> subprocess.CompletedProcess:
    """Run the set-up with a PATH that holds the tools but the missing ones."""
    tools = checkout / 'bin'
    tools.mkdir()
    for tool in {'cc', 'c++', 'cmake', 'make'} - set(missing):
        (tools / tool).symlink_to('/bin/true')
    environment = {'PATH': str(tools), 'HOME': str(checkout), **variables}
    command = [sys.executable, str(checkout / 'scripts' / 'setup_env.py'), 'build']
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize('missing, package', [
    ('cc', 'gcc'), ('c++', 'g++'), ('cmake', 'cmake'), ('make', 'make')])
def test_a_missing_tool_is_one_line(checkout, missing, package):
    done = set_up_without(checkout, missing)
    assert done.returncode == 1
    assert done.stdout == ''
    assert done.stderr.startswith('error: ')
    assert done.stderr.endswith(f'not found: apt install {package}\n')
    assert done.stderr.count('\n') == 1
    assert not (checkout / '.venv').exists()


def test_an_unknown_distribution_is_one_line(checkout):
    done = set_up_without(checkout, ROS='melodic')
    assert done.returncode == 1
    assert done.stderr.startswith('error: ROS=melodic is none of kilted, jazzy')
    assert done.stderr.count('\n') == 1


@pytest.mark.parametrize('answer, said', [
    ({**GOOD, 'headers': False}, 'no headers (Python.h): apt install python3.12-dev'),
    ({**GOOD, 'venv': False}, 'no venv: apt install python3.12-venv'),
    ({**GOOD, 'version': [3, 9]}, 'is Python 3.9, but 3.10 to 3.13 is needed; set PYTHON'),
    ({**GOOD, 'version': [3, 15]}, 'is Python 3.15, but 3.10 to 3.13 is needed; set PYTHON'),
])
def test_a_python_that_will_not_do(tmp_path, answer, said):
    with pytest.raises(layout.SetupError) as caught:
        checks.check_python(layout.Layout('kilted', fake_python(tmp_path, answer), ''))
    assert said in str(caught.value)
    assert '\n' not in str(caught.value)


def test_a_python_that_will_do(tmp_path):
    checks.check_python(layout.Layout('kilted', fake_python(tmp_path, GOOD), ''))
    newer = fake_python(tmp_path, {**GOOD, 'version': [3, 15]})
    checks.check_python(layout.Layout('system', newer, ''))  # the distribution knows best


@pytest.mark.parametrize('goal, free, enough', [
    ('demo', 1.4e9, False), ('demo', 1.6e9, True), ('test', 2.9e9, False), ('test', 3.1e9, True)])
def test_disk(monkeypatch, tmp_path, goal, free, enough):
    usage = type('Usage', (), {'free': free})
    monkeypatch.setattr(checks.shutil, 'disk_usage', lambda folder: usage)
    if enough:
        checks.check_disk(tmp_path, goal)
        return
    with pytest.raises(layout.SetupError, match=rf'has {free / 1e9:.1f} GB free.*needs about'):
        checks.check_disk(tmp_path, goal)


@pytest.mark.parametrize('output, expected', [
    ('ERROR: [Errno 28] No space left on device', 'full: free some space'),
    ('WARNING: Retrying after NewConnectionError', 'check network and proxy'),
])
def test_a_failure_with_a_known_cause_is_one_line(tmp_path, capsys, output, expected):
    said = steps.explain_failure(['pip'], 1, f'a\n{output}\nb\n', tmp_path / 'log')
    assert expected in said
    assert '\n' not in said
    assert capsys.readouterr().out == ''


def test_an_old_python_reads_the_script_and_is_told():
    script = ROOT / 'scripts' / 'setup_env.py'
    ast.parse(script.read_text(), feature_version=(3, 7))
    program = ('import runpy, sys; sys.version_info = (3, 8, 0); sys.argv = ["", "build"]; '
               f'runpy.run_path({str(script)!r}, run_name="__main__")')
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'is Python 3.8, but 3.10 to 3.13 is needed' in done.stderr
    assert done.stderr.count('\n') == 1


def test_make_tells_of_a_python_that_is_not_there(checkout):
    done = subprocess.run(['make', 'build', 'PYTHON=python3.77'], cwd=checkout,
                          capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.startswith('error: PYTHON=python3.77 does not run: apt install python3.77')


def test_what_python_compiles_is_kept_where_the_shell_switched_that_off(checkout, monkeypatch):
    monkeypatch.setenv('PYTHONDONTWRITEBYTECODE', '1')
    tells = checkout / 'python'
    tells.write_text('#!/bin/sh\necho "found ${PYTHONDONTWRITEBYTECODE:-nothing}"\n')
    tells.chmod(0o755)
    command = ['make', '--no-print-directory', 'build', f'PYTHON={tells}']  # `make test` runs this
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()) == {'found nothing'}


def test_help_names_every_target():
    done = subprocess.run(['make', 'help'], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ('build', 'demo', 'test', 'bench', 'lint', 'clean'):
        assert f'  make {target}: ' in done.stdout
