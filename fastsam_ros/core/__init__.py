# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""FastSAM itself: numpy in, dataclasses out; no ROS, and no torch at import."""

from fastsam_ros.core.errors import (
    BackendError,
    FastSamError,
    ImageError,
    ModelError,
    ParameterError,
    PromptError,
    TextError,
    UntrustedModelError,
)
from fastsam_ros.core.fastsam import FastSam
from fastsam_ros.core.masks import RunLengths
from fastsam_ros.core.prompts import Answer, Prompt, Selection
from fastsam_ros.core.scene import Scene
from fastsam_ros.core.tracking import Tracker

__all__ = [
    'Answer',
    'BackendError',
    'FastSam',
    'FastSamError',
    'ImageError',
    'ModelError',
    'ParameterError',
    'Prompt',
    'PromptError',
    'RunLengths',
    'Scene',
    'Selection',
    'TextError',
    'Tracker',
    'UntrustedModelError',
]
