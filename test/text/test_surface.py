# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The public surface of models and text, pinned: a change goes into CHANGELOG.rst."""

import inspect
import subprocess
import sys

from fastsam_ros import models, text
from fastsam_ros.text.matcher import TextMatcher, load_text_model


def test_names():
    assert text.__all__ == ['export_text_model', 'load_encoder', 'register_encoder']
    assert models.__all__ == [
        'ALIASES', 'PUBLISHED', 'Published', 'check_trust', 'fetch', 'folder', 'installed',
        'lookup', 'resolve', 'sha256', 'shipped', 'verify']


def test_signatures():
    matcher = list(inspect.signature(TextMatcher).parameters)
    assert matcher == ['encoder', 'threshold', 'min_area', 'overlap', 'max_candidates',
                       'background', 'contrast']
    loader = list(inspect.signature(load_text_model).parameters)
    assert loader == ['name', 'device', 'threshold', 'settings']


def test_nothing_heavy_is_imported_before_a_model_is_loaded():
    program = (
        'import sys, fastsam_ros.text.matcher, fastsam_ros.text, fastsam_ros.models\n'
        'heavy = ("torch", "open_clip", "onnxruntime", "tokenizers", "PIL", "rclpy")\n'
        'print([name for name in heavy if name in sys.modules])\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == '[]'
