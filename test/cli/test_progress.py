# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a person is told while files are done: paths as they are, whatever is in them."""

from io import StringIO

import cv2
import numpy as np
import pytest
from rich.console import Console

from fastsam_ros.cli import progress
from fastsam_ros.cli.progress import Progress


@pytest.mark.parametrize('name', ['[raw]', '[/x]', '[bold]', 'a[red]b'])
def test_a_folder_that_looks_like_markup_is_named_as_it_is(fastsam, tmp_path, name):
    picture = tmp_path / name / 'a.jpg'
    picture.parent.mkdir(parents=True)
    picture.write_text('not a picture')
    result = fastsam('segment', picture, '-o', tmp_path / 'out')
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert str(picture) in result.stderr


@pytest.fixture
def shown(monkeypatch):
    """What a terminal is sent."""
    written = StringIO()
    monkeypatch.setattr(progress, 'Console', lambda **options: Console(
        file=written, force_terminal=True, width=300, color_system=None))
    return written


def test_a_bar_is_named_as_it_is(shown):
    with Progress() as bars:
        bars.step(bars.begin('drive[/x] /camera[raw]', 1))
    assert 'drive[/x] /camera[raw]' in shown.getvalue()


def test_each_step_moves_the_bar_by_one(shown):
    with Progress() as bars:
        bar = bars.begin('pictures', 5)
        for _ in range(3):
            bars.step(bar)
    assert '3/5' in shown.getvalue() and '4/5' not in shown.getvalue()


def test_pictures_that_fail_are_steps_as_well(fastsam, folder, tmp_path, shown):
    (folder / 'text.jpg').write_text('not a picture')
    cv2.imwrite(str(folder / 'wide.png'), np.zeros((10, 70_000, 3), np.uint8))
    cv2.imwrite(str(folder / 'small.png'), np.zeros((90, 90, 3), np.uint8))
    result = fastsam('segment', folder, '-o', tmp_path / 'out', '--point', '200,60')
    assert result.exit_code == 1
    assert '6/6' in shown.getvalue()
