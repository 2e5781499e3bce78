# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The set-up: what it says when something is missing, and that it does nothing twice."""

from __future__ import annotations

import ast
import configparser
import json
import os
from pathlib import Path
import shutil
import subprocess
import sys

from environment import build, checks, layout, packages, steps
import pytest

ROOT = Path(__file__).resolve().parents[1]
GOOD = {'version': [3, 12], 'venv': True, 'headers': True}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh checkout with the set-up alone: nothing is made in it yet."""
    shutil.copytree(ROOT / 'scripts', tmp_path / 'scripts',
                    ignore=shutil.ignore_patterns('__pycache__'))
    for name in ('Makefile', 'setup.cfg'):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> layout.Layout:
    """An environment whose folders are in tmp_path."""
    for module in (layout, steps, build):
        monkeypatch.setattr(module, 'ROOT', tmp_path)
    return layout.Layout('kilted', sys.executable, '')


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


def test_a_full_disk_in_the_middle_is_one_line(tmp_path):
    text = 'a\nERROR: [Errno 28] No space left on device\nb\n'
    said = steps.explain_failure(['pip'], 1, text, tmp_path / 'log')
    assert 'full: free some space' in said
    assert '\n' not in said


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


def test_help_names_every_target():
    done = subprocess.run(['make', 'help'], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ('build', 'demo', 'test', 'bench', 'lint', 'clean'):
        assert f'  make {target}: ' in done.stdout


@pytest.mark.parametrize('variables, ros', [
    ({}, 'kilted'), ({'ROS': 'jazzy'}, 'jazzy'), ({'ROS': 'kilted', 'ROS_DISTRO': 'x'}, 'kilted'),
    ({'ROS_DISTRO': 'humble'}, 'system'), ({'ROS': 'system', 'ROS_DISTRO': 'humble'}, 'system'),
])
def test_which_ros(monkeypatch, variables, ros):
    monkeypatch.setattr(layout, 'has_rclpy', lambda python: True)
    assert layout.choose_ros(variables, 'python3') == (ros, 'python3')


def test_a_sourced_ros_without_rclpy_is_not_taken(monkeypatch):
    monkeypatch.setattr(layout, 'has_rclpy', lambda python: False)
    assert layout.choose_ros({'ROS_DISTRO': 'humble'}, 'python3')[0] == 'kilted'
    with pytest.raises(layout.SetupError, match='source the distribution first'):
        layout.choose_ros({'ROS_DISTRO': 'humble', 'ROS': 'system'}, 'python3')


def test_the_distributions_own_python_is_taken_where_only_that_one_has_rclpy(monkeypatch):
    monkeypatch.setattr(layout, 'has_rclpy', lambda python: python == '/usr/bin/python3')
    assert layout.choose_ros({'ROS_DISTRO': 'jazzy'}, 'mine') == ('system', '/usr/bin/python3')


def test_make_inside_the_environment_takes_the_python_outside_of_it():
    python = layout.find_base_python()
    program = 'import sys; print(sys.prefix == sys.base_prefix)'
    answer = subprocess.run([python, '-c', program], capture_output=True, text=True, check=True)
    assert answer.stdout == 'True\n'


def test_steps_are_done_once_for_one_key(place, capsys):
    done = []
    for key in ('a', 'a', 'b', 'b', 'a'):
        step = steps.Step('one', key, 'doing one', lambda key=key: done.append(key))
        if not steps.is_done(place, step):
            steps.run_step(place, step)
    assert done == ['a', 'b', 'a']
    assert capsys.readouterr().out.count('doing one') == 3


def test_an_interrupted_step_is_not_done(place):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.run_step(place, steps.Step('one', 'a', 'doing one', interrupt))
    assert not steps.is_done(place, steps.Step('one', 'a', '', interrupt))


def test_a_failed_command_shows_its_end_and_its_log(place, capsys):
    place.venv.mkdir()
    program = 'import sys; [print("line", n) for n in range(40)]; sys.exit(3)'
    with pytest.raises(layout.SetupError, match=r'failed with 3; all of its output is in .*log'):
        steps.run_logged(place, [sys.executable, '-c', program], dict(os.environ))
    shown = capsys.readouterr().out
    assert 'line 39' in shown
    assert 'line 9\n' not in shown
    assert 'line 9\n' in (place.venv / 'setup.log').read_text()


def test_two_set_ups_take_turns(place, checkout):
    program = ('from environment import layout, steps\n'
               'with steps.lock(layout.Layout("kilted", "", "")): print("mine", flush=True)')
    with steps.lock(place):
        other = subprocess.Popen(
            [sys.executable, '-u', '-c', program], cwd=checkout / 'scripts', text=True,
            stdout=subprocess.PIPE)
        assert 'waiting for it' in other.stdout.readline()
    assert other.communicate(timeout=60)[0] == 'mine\n'
    assert other.returncode == 0


def test_patching_the_wheels_twice_is_patching_them_once(place):
    place.venv_python.parent.mkdir(parents=True)
    place.venv_python.symlink_to(sys.executable)
    file = place.venv / 'share' / 'std_msgs' / 'export.cmake'
    file.parent.mkdir(parents=True)
    file.write_text('X "/opt/python/cp311-cp311/include/python3.11;/opt/python/cp311-cp311/lib/'
                    'python3.11/site-packages/numpy/_core/include" /opt/rest')
    build.patch_wheels(place)
    once = file.read_text()
    build.patch_wheels(place)
    assert file.read_text() == once
    python, numpy = once.split('"')[1].split(';')
    assert Path(python, 'Python.h').is_file()
    assert Path(numpy, 'numpy', 'arrayobject.h').is_file()
    assert once.endswith(' /opt/rest')


def test_the_build_key_follows_messages_and_names_of_modules(place, tmp_path):
    for name in ('msg/A.msg', 'fastsam_ros/a.py', 'CMakeLists.txt', 'package.xml'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text('1')
    keys = [build.build_key()]
    (tmp_path / 'fastsam_ros/a.py').write_text('2')  # linked: no build is needed
    assert build.build_key() == keys[0]
    for name in ('msg/A.msg', 'fastsam_ros/b.py', 'package.xml'):
        (tmp_path / name).write_text('3')
        keys.append(build.build_key())
    assert len(set(keys)) == 4


def test_setup_cfg_is_the_one_list():
    config = configparser.ConfigParser()
    config.read(ROOT / 'setup.cfg')
    core = [line.split()[0] for line in packages.read_dependencies()]
    assert {'numpy', 'opencv-python-headless', 'openvino'} <= set(core)
    assert 'opencv-python' not in core  # both own the folder cv2
    demo = ' '.join(packages.read_dependencies(('demo',)))
    assert 'torch' not in demo
    assert 'ultralytics' not in demo
    everything = packages.read_dependencies(tuple(config['options.extras_require']))
    assert len(everything) == len(set(everything))
    for extra in config['options.extras_require']:
        assert set(packages.read_dependencies((extra,))) <= set(everything)


def test_a_distribution_keeps_its_opencv_and_numpy(tmp_path):
    parts = {'cv2': True, 'cv_bridge': False, 'numpy': '1.26.4'}
    wanted = ['numpy >= 1.21', 'opencv-python-headless >= 4.5', 'rosbags-image >= 0.10']
    kept = packages.drop_distribution_parts(wanted, fake_python(tmp_path, parts))
    assert kept == ['numpy >= 1.21', 'rosbags-image >= 0.10', 'numpy==1.26.4']


def test_pip_sees_nothing_of_a_sourced_distribution(place, monkeypatch):
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/ws/install/a:/opt/ros/x')
    monkeypatch.setenv('PYTHONPATH', '/opt/ros/x/lib/python3.12/site-packages:/home/me/lib')
    monkeypatch.setenv('ROS_DISTRO', 'x')
    alone = steps.clean_variables(place, distribution=False)
    assert alone['PYTHONPATH'] == '/home/me/lib'
    assert alone['AMENT_PREFIX_PATH'] == alone['CMAKE_PREFIX_PATH'] == str(place.venv)
    assert 'ROS_DISTRO' not in alone
    sourced = steps.clean_variables(place, distribution=True)
    assert sourced['AMENT_PREFIX_PATH'] == '/ws/install/a:/opt/ros/x'
    for variables in (alone, sourced):
        assert variables['PATH'].startswith(f'{place.venv}/bin:')
