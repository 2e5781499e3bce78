# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The set-up's steps: chosen by the environment, done once, one at a time."""

from __future__ import annotations

import configparser
from dataclasses import replace
from functools import partial
import json
import os
from pathlib import Path
import re
import subprocess
import sys
from threading import Barrier, Event

from environment import build, checks, layout, packages, steps
import pytest
import setup_env

ROOT = Path(__file__).resolve().parents[2]


def fake_python(folder: Path, answer: dict) -> str:
    """A program that answers the probe as some other Python would."""
    program = folder / 'python'
    program.write_text(f"#!/bin/sh\necho '{json.dumps(answer)}'\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize('variables, ros', [
    ({}, 'kilted'), ({'ROS': 'jazzy'}, 'jazzy'), ({'ROS': 'kilted', 'ROS_DISTRO': 'x'}, 'kilted'),
    ({'ROS_DISTRO': 'humble'}, 'system'), ({'ROS': 'system', 'ROS_DISTRO': 'humble'}, 'system'),
])
def test_which_ros(monkeypatch, variables, ros):
    monkeypatch.setattr(layout, 'has_module', lambda python, name: True)
    assert layout.choose_ros(variables, 'python3') == (ros, 'python3')


def test_a_sourced_ros_without_rclpy_is_not_taken(monkeypatch):
    monkeypatch.setattr(layout, 'has_module', lambda python, name: False)
    assert layout.choose_ros({'ROS_DISTRO': 'humble'}, 'python3')[0] == 'kilted'
    with pytest.raises(layout.SetupError, match='source the distribution first'):
        layout.choose_ros({'ROS_DISTRO': 'humble', 'ROS': 'system'}, 'python3')


def test_the_distributions_own_python_is_taken_where_only_that_one_has_rclpy(monkeypatch):
    monkeypatch.setattr(layout, 'has_module', lambda python, name: python == '/usr/bin/python3')
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
    assert capsys.readouterr().out.count('doing one: 0 s\n') == 3


def test_an_interrupted_step_is_not_done(place):
    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        steps.run_step(place, steps.Step('one', 'a', 'doing one', interrupt))
    assert not steps.is_done(place, steps.Step('one', 'a', '', interrupt))


def test_steps_run_side_by_side_but_after_those_that_they_need(place):
    both = Barrier(2)
    done = []

    def make(name, *after, work=lambda: None):
        return steps.Step(name, 'a', name, lambda: (work(), done.append(name)), after)

    meet = partial(both.wait, 60)  # fails alone
    steps.run_steps(place, [
        make('last', 'left', 'right'), make('left', 'first', work=meet),
        make('right', 'first', work=meet), make('first', 'long done')])
    assert (done[0], done[-1]) == ('first', 'last')
    assert sorted(path.name for path in place.stamps.iterdir()) == sorted(done)


def test_a_failed_step_lets_its_neighbour_end_and_nothing_begin(place):
    begun, failed, done = Event(), Event(), []

    def fail():
        assert begun.wait(60)
        failed.set()
        raise layout.SetupError('no network')

    def go_on():
        begun.set()
        assert failed.wait(60)
        done.append('neighbour')

    with pytest.raises(layout.SetupError, match='no network'):
        steps.run_steps(place, [
            steps.Step('one', 'a', '', fail), steps.Step('neighbour', 'a', '', go_on),
            *(steps.Step(f'next{n}', 'a', '', lambda: done.append('next'), ('neighbour',))
              for n in range(3))])
    assert done == ['neighbour']
    assert [path.name for path in place.stamps.iterdir()] == ['neighbour']


@pytest.mark.parametrize('key, left', [('a', ['ros', 'venv']), ('b', [])])
def test_what_goes_with_an_environment_made_anew_is_to_be_done_again(place, key, left):
    place.stamps.mkdir(parents=True)
    for path in (place.venv_python, place.colcon_folder('install') / 'setup.sh'):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for name in ('venv', 'ros'):
        (place.stamps / name).write_text('a')
    setup_env.drop_stale_stamps(place, steps.Step('venv', key, '', lambda: None))
    assert sorted(path.name for path in place.stamps.glob('*')) == left


def test_a_failed_command_shows_its_end_and_its_log(place, capsys):
    place.venv.mkdir()
    program = 'import sys; [print("line", n) for n in range(40)]; sys.exit(3)'
    with pytest.raises(layout.SetupError, match=r'failed with 3; all of its output is in .*log'):
        steps.run_logged(place, [sys.executable, '-c', program], dict(os.environ))
    shown = capsys.readouterr().out
    assert 'line 39' in shown
    assert 'line 9\n' not in shown
    assert 'line 9\n' in (place.venv / 'setup.log').read_text()


def test_two_set_ups_take_turns(place, tmp_path):
    program = ('from environment import layout, steps; import pathlib, sys\n'
               'steps.ROOT = pathlib.Path(sys.argv[1])\n'
               'with steps.lock(layout.Layout("kilted", "", "")): print("mine")')
    with steps.lock(place):
        other = subprocess.Popen(
            [sys.executable, '-u', '-c', program, str(tmp_path)], cwd=ROOT / 'scripts',
            text=True, stdout=subprocess.PIPE)
        assert 'waiting for it' in other.stdout.readline()
    assert other.communicate(timeout=60)[0] == 'mine\n'
    assert other.returncode == 0


def test_patching_the_wheels_twice_is_patching_them_once(place):
    place.venv_python.parent.mkdir(parents=True)
    place.venv_python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    place.venv_python.chmod(0o755)
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
    parts = {'cv2': True, 'numpy': '1.26.4'}
    wanted = ['numpy >= 1.21', 'opencv-python-headless >= 4.5', 'rosbags >= 0.10']
    kept = packages.drop_distribution_parts(wanted, fake_python(tmp_path, parts))
    assert kept == ['numpy >= 1.21', 'rosbags >= 0.10', 'numpy==1.26.4']


def test_pip_sees_nothing_of_a_sourced_distribution(place, monkeypatch):
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/ws/install/a:/opt/ros/x')
    monkeypatch.setenv('PYTHONPATH', '/opt/ros/x/lib/python3.12/site-packages:/opt/mine/lib')
    monkeypatch.setenv('ROS_DISTRO', 'x')
    alone = steps.clean_variables(place, distribution=False)
    assert alone['PYTHONPATH'] == '/opt/mine/lib'
    assert alone['AMENT_PREFIX_PATH'] == alone['CMAKE_PREFIX_PATH'] == str(place.venv)
    assert 'ROS_DISTRO' not in alone
    sourced = steps.clean_variables(place, distribution=True)
    assert sourced['AMENT_PREFIX_PATH'] == '/ws/install/a:/opt/ros/x'
    for variables in (alone, sourced):
        assert variables['PATH'].startswith(f'{place.venv}/bin:')


@pytest.mark.parametrize('ros, at_once', [('kilted', True), ('jazzy', False)])
def test_messages_that_tests_need_are_compiled_at_once_where_that_was_tried(
    place, monkeypatch, ros, at_once
):
    for name in ('vision_msgs', 'yolo_msgs'):
        (build.ROOT / build.INTERFACES / name).mkdir(parents=True)
    (build.ROOT / build.INTERFACES / 'all_in_one.cmake').touch()
    commands = []
    monkeypatch.setattr(build, 'run_logged', lambda layout, command, _: commands.append(command))
    build.build_interfaces(replace(place, ros=ros))
    ((*_, last),) = commands
    assert (last == '-DALL_IN_ONE=ON') == at_once
    assert not any('cmake' in word for word in commands[0] if not word.startswith('-'))
    for name in ('vision_msgs', 'yolo_msgs'):
        assert name in commands[0]
        lines = (ROOT / build.INTERFACES / name / 'CMakeLists.txt').read_text().splitlines()
        condition = lines.index('if(ALL_IN_ONE)')
        assert 'all_in_one.cmake' in lines[condition + 1]


@pytest.mark.parametrize('distribution', layout.WHEELS)
def test_every_wheel_is_pinned_by_version_and_hash(distribution):
    text = packages.lock_file(distribution).read_text()
    entries = re.split(r'\n(?=[a-z])', re.sub(r'^#.*\n', '', text, flags=re.M))
    pinned = {entry.split('==')[0] for entry in entries}
    wanted = {re.split('[<>=]', line)[0] for line in packages.list_ros_wheels(distribution)}
    assert wanted <= pinned
    assert all(re.match(r'[\w.-]+==[\w.]+', entry) and '--hash=sha256:' in entry
               for entry in entries)


def test_changed_pins_are_installed(place, monkeypatch, tmp_path):
    (tmp_path / 'constraints.txt').write_text('torch==1\n')
    (tmp_path / 'kilted.txt').write_text('rclpy==1\n')
    monkeypatch.setattr(setup_env, 'CONSTRAINTS', tmp_path / 'constraints.txt')
    monkeypatch.setattr(packages, 'lock_file', lambda ros: tmp_path / f'{ros}.txt')
    monkeypatch.setattr(build, 'build_key', lambda: '')
    monkeypatch.setattr(build, 'interfaces_key', lambda: '')
    monkeypatch.setattr(packages, 'ROOT', ROOT)
    keys = []
    for name in ('', 'constraints.txt', 'kilted.txt'):
        if name:
            (tmp_path / name).write_text('rclpy==2\n')
        keys.append({step.name: step.key for step in setup_env.list_steps(place, 'test')})
    assert [name for name in keys[0] if keys[0][name] != keys[1][name]] == ['test']
    assert [name for name in keys[1] if keys[1][name] != keys[2][name]] == ['ros']


@pytest.mark.parametrize('version, fits', [
    ((3, 9), False), ((3, 10), True), ((3, 13), True), ((3, 14), False)])
def test_the_pythons_that_the_texts_name_are_those_that_are_taken(tmp_path, version, fits):
    python = fake_python(tmp_path, {'version': version, 'venv': True, 'headers': True})
    place = layout.Layout('kilted', python, '')
    if fits:
        checks.check_python(place)
        return
    with pytest.raises(layout.SetupError, match=r'3\.10 to 3\.13 is needed'):
        checks.check_python(place)
