# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""When the frames of a video or bag are shown."""

from __future__ import annotations

from fractions import Fraction
from typing import Protocol


class Clock(Protocol):
    """How times of frames are counted."""

    rate: Fraction  # frames a second, on average
    tick: Fraction  # seconds
