# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How fast this package is, side by side with its peers on the same machine in the same run.

    python -m benchmark            or  make bench, fastsam benchmark
    python -m benchmark.text       text prompts

Nothing here is installed; the programs need a checkout and what the tests need.
"""

import importlib
from pathlib import Path
import sys
import types


def oracle() -> types.ModuleType:
    """The tests' `reference.py`: how to run ultralytics' FastSAM here, said once."""
    folder = str(Path(__file__).resolve().parents[1] / 'test' / 'helpers')
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module('reference')
