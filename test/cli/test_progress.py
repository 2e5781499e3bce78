# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a person is told while files are done: paths as they are, whatever is in them."""

from io import StringIO

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


def test_a_bar_is_named_as_it_is(monkeypatch):
    written = StringIO()
    monkeypatch.setattr(progress, 'Console', lambda **options: Console(
        file=written, force_terminal=True, width=300, color_system=None))
    with Progress() as bars:
        bars.step(bars.begin('drive[/x] /camera[raw]', 1))
    assert 'drive[/x] /camera[raw]' in written.getvalue()
