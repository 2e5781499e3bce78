# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures to label, and the command with settings that make it quick."""

from __future__ import annotations

import os
from pathlib import Path
import subprocess
import sys

import cv2
import pyarrow.parquet as pq
import pytest

SETTINGS = ('--image-size', '96', '--confidence', '0.1', '--precision', 'fp32', '--chunk', '4')
ROOT = Path(__file__).parents[3]


@pytest.fixture
def pictures(tmp_path, photos):
    """A folder of ten small pictures, all different, in two folders."""
    folder = tmp_path / 'pictures'
    (folder / 'deep').mkdir(parents=True)
    views = [photo[y : y + 60, x : x + 90] for photo in photos.values() for y in (0, 60)
             for x in (0, 90)]
    for number, view in enumerate(views[:10]):
        name = f'deep/{number}.png' if number % 3 == 0 else f'{number}.png'
        assert cv2.imwrite(str(folder / name), view[..., ::-1])
    return folder


@pytest.fixture
def label(fastsam):
    """Run the command in this process."""

    def run(source, output, *options):
        return fastsam('label', source, '-o', output, *SETTINGS, *options)

    return run


@pytest.fixture
def start_label():
    """Start the command in a process of its own."""

    def start(source, output, *options, **environment):
        program = 'from fastsam_ros.__main__ import main; main()'
        line = [sys.executable, '-c', program, 'label', source, '-o', output, *SETTINGS, *options]
        return subprocess.Popen(
            [str(word) for word in line], cwd=ROOT, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
            env={**os.environ, 'OMP_NUM_THREADS': '1', **environment})

    return start


@pytest.fixture
def rows():
    """All rows of a folder of labels, in the order of its files: key -> row."""

    def read(output):
        files = sorted((Path(output) / 'labels').glob('*.parquet'))
        found = [row for file in files for row in pq.read_table(file).to_pylist()]
        keys = [row['key'] for row in found]
        assert len(set(keys)) == len(keys), 'a picture twice'
        return {row['key']: row for row in found}

    return read
