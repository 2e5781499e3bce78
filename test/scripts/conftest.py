# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An environment that a set-up can be tried in."""

from pathlib import Path
import sys

from environment import build, layout, steps
import pytest


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> layout.Layout:
    """An environment whose folders are in tmp_path."""
    for module in (layout, steps, build):
        monkeypatch.setattr(module, 'ROOT', tmp_path)
    return layout.Layout('kilted', sys.executable, '')
