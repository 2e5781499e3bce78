# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What several tests need: photographs, the model that ships, and the command."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
import os
from pathlib import Path
import shutil
import tempfile
from unittest import mock

import cv2
import numpy as np
import pytest
from ros_domains import claim_domain

# Words that the user taught are neither read nor written; the folder goes with the process.
HOME_OF_WORDS = tempfile.TemporaryDirectory(prefix='fastsam-test-')
os.environ['XDG_DATA_HOME'] = HOME_OF_WORDS.name

# Before rclpy reads them: other runs on this machine, and robots around it, are not met.
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
os.environ['ROS_DOMAIN_ID'] = claim_domain()

NAMES = [
    'astronaut', 'chelsea', 'coffee', 'rocket', 'motorcycle_left', 'motorcycle_right', 'camera',
    'coins', 'moon', 'page', 'clock_motion', 'hubble_deep_field', 'retina', 'ihc', 'cell', 'horse',
    'brick', 'grass', 'gravel', 'text']

# Files that take longest begin first, so that no process is left with one at the end.
LONG = [
    'test_label_interrupt', 'test_interrupt', 'test_web_page', 'test_ranks', 'test_processes',
    'test_tutorial', 'test_export', 'test_packaging', 'test_reference', 'test_backends',
    'test_train', 'test_web_states', 'test_web_keeping', 'test_web_overlay', 'test_exported',
    'test_tensorrt_cuda_scenes', 'test_readme_asks', 'test_ask', 'test_bags', 'test_pictures',
    'test_teach_model', 'test_fastsam', 'test_label', 'test_web_teaching', 'test_site']


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first; what is in one file stays together, in its order."""
    ranks = {name: rank for rank, name in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(item.path.stem, len(LONG)))


@pytest.fixture(autouse=True, scope='module')
def nothing_taught() -> Iterator[None]:
    """What tests of one file teach, those of the next do not know, whichever that is."""
    yield
    for path in Path(HOME_OF_WORDS.name).iterdir():
        shutil.rmtree(path)


@pytest.fixture(autouse=True, scope='session')
def compiled_once() -> Iterator[None]:
    """Each network is compiled once, or read from OpenVINO's cache, which takes 0.2 s as well."""
    from compiled import OpenVinoBackend, compile_once

    with mock.patch.object(OpenVinoBackend, 'compile_for', compile_once):
        yield


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """
    Give each process of tests one thread of OpenMP's, before torch and numpy are loaded there.

    More would wait busily for cores that the other process has: a network in torch took three
    to five times the work.
    """
    os.environ.setdefault('OMP_NUM_THREADS', '1')


def pytest_terminal_summary(terminalreporter) -> None:
    """End with one line that counts what did not run, and why."""
    skipped = terminalreporter.stats.get('skipped', [])
    reasons = Counter(str(report.longrepr[2]).removeprefix('Skipped: ') for report in skipped)
    if skipped:
        told = '; '.join(f'{count}: {reason}' for reason, count in reasons.most_common())
        terminalreporter.write_line(f'{len(skipped)} tests did not run ({told})')


@pytest.fixture(scope='session')
def photographs() -> dict[str, np.ndarray]:
    """The 20 photographs that scikit-image ships, (H, W, 3) uint8 RGB."""
    data = pytest.importorskip('skimage.data')
    files = {path.stem: path for path in Path(data.__file__).parent.iterdir()}
    return {name: cv2.imread(str(files[name]))[..., ::-1].copy() for name in NAMES}


@pytest.fixture(scope='session')
def astronaut(photographs: dict[str, np.ndarray]) -> np.ndarray:
    """One photograph, (512, 512, 3) uint8 RGB."""
    return photographs['astronaut']


@pytest.fixture(scope='session')
def weights() -> Path:
    """The weights of the model that ships, for torch."""
    from fastsam_ros import models

    return models.shipped('fastsam-n.safetensors')


@pytest.fixture(scope='session')
def model():
    """The model that ships, in float32, at a confidence that yields many segments."""
    from fastsam_ros.fastsam import FastSam

    return FastSam(device='cpu', precision='fp32', confidence=0.1)


@pytest.fixture(scope='session')
def scene(model, astronaut):
    """What that model finds in a photograph."""
    return model(astronaut)


def small_photographs():
    """A few photographs that scikit-image ships, small: name -> (H, W, 3) uint8 RGB."""
    import skimage.data

    pictures = {'coffee': skimage.data.coffee(), 'cat': skimage.data.chelsea()}
    pictures['rocket'] = skimage.data.rocket()
    return {
        name: cv2.resize(picture, (320, 320 * picture.shape[0] // picture.shape[1]))
        for name, picture in pictures.items()
    }


@pytest.fixture(scope='session')
def photos():
    return small_photographs()


@pytest.fixture
def folder(tmp_path, photos):
    """A folder of photographs, one of them in a folder of its own."""
    base = tmp_path / 'photos'
    (base / 'more').mkdir(parents=True)
    for name, picture in photos.items():
        place = base / 'more' if name == 'rocket' else base
        assert cv2.imwrite(str(place / f'{name}.png'), picture[..., ::-1])
    return base


@pytest.fixture
def fastsam():
    """Run the command in this process; the result has .exit_code, .stdout and .stderr."""
    from command_line import run_command

    return run_command
