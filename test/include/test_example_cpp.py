# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""examples/cpp, built against the installed package, prints what the header makes of a mask."""

from pathlib import Path
import shutil
import subprocess
import sys

import numpy as np
import pytest

EXAMPLE = Path(__file__).parents[2] / 'examples' / 'cpp'
MASK = np.array([[0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 1, 0], [0, 1, 1, 1, 1, 0], [0] * 6], np.uint8)


@pytest.fixture(scope='module')
def built(tmp_path_factory) -> Path:
    """The folder that the example is built in."""
    index = pytest.importorskip('ament_index_python', reason='no ROS in this Python')
    try:
        prefix = Path(index.get_package_prefix('fastsam_ros'))
    except index.PackageNotFoundError:
        pytest.skip('not built here: run make build, then . scripts/env.sh')
    if shutil.which('cmake') is None:
        pytest.skip('no cmake')
    if not (prefix / 'include/fastsam_ros/fastsam_ros/segmentation.hpp').is_file():
        pytest.fail('the header is not installed: run make build')
    folder = tmp_path_factory.mktemp('example')
    for command in (
            ['cmake', '-S', str(EXAMPLE), '-B', str(folder),
             f'-DPython3_EXECUTABLE={sys.executable}', f'-Dfastsam_ros_DIR={prefix}/share/'
             'fastsam_ros/cmake', '-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror'],
            ['cmake', '--build', str(folder), '--target', 'show_mask']):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_it_needs_nothing_but_messages_and_the_header(built):
    done = subprocess.run([str(built / 'show_mask')], capture_output=True, text=True, env={})
    assert done.returncode == 0, done.stderr
    first, *rows, last = done.stdout.splitlines()
    coco = pytest.importorskip('pycocotools.mask', reason='pycocotools is not installed')
    counts = coco.encode(np.asfortranarray(MASK))['counts'].decode()
    assert first == f'area {MASK.sum()}, COCO counts {counts}'
    assert rows == ['row 1: 1 to 3', 'row 1: 4 to 5', 'row 2: 1 to 5']
    assert last == 'sound'
