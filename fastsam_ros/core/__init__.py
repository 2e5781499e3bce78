# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a FastSAM result is and how prompts are answered: numpy in, dataclasses out."""

from fastsam_ros.core.answers import Answer
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
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.core.prompts import Prompt, Selection
from fastsam_ros.core.scene import Scene

__all__ = [
    'Answer',
    'BackendError',
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
    'UntrustedModelError',
]
