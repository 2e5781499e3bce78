# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The public surface, pinned: a change here is a change for users and goes into CHANGELOG.rst."""

import inspect
import subprocess
import sys

from fastsam_ros import fastsam

NAMES = [
    'Answer', 'BackendError', 'FastSam', 'FastSamError', 'ImageError', 'ModelError',
    'ParameterError', 'Prompt', 'PromptError', 'RunLengths', 'Scene', 'Selection', 'TextError',
    'Tracker', 'UntrustedModelError']


def parameters(function):
    return list(inspect.signature(function).parameters)


def test_names():
    assert fastsam.__all__ == NAMES
    assert all(inspect.getdoc(getattr(fastsam, name)) for name in NAMES)


def test_signatures():
    assert parameters(fastsam.Scene.prompt) == [
        'self', 'points', 'labels', 'box', 'text', 'selection']
    assert parameters(fastsam.Scene.masks) == ['self', 'indices']
    assert parameters(fastsam.Scene.run_lengths) == ['self', 'indices']
    assert parameters(fastsam.Scene.label_map) == ['self', 'indices']
    first, *keywords = parameters(fastsam.FastSam)
    assert first == 'model'
    assert set(keywords) >= {
        'device', 'precision', 'image_size', 'confidence', 'iou', 'max_segments', 'trust'}


def test_errors_are_one_family():
    errors = [getattr(fastsam, name) for name in NAMES if name.endswith('Error')]
    assert all(issubclass(error, fastsam.FastSamError) for error in errors)
    assert issubclass(fastsam.ImageError, ValueError)


def test_importing_it_brings_neither_torch_nor_ros():
    code = (
        'import sys, fastsam_ros.fastsam; '
        'sys.exit(sorted({"torch", "ultralytics", "rclpy", "openvino"} & set(sys.modules)) or 0)')
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
