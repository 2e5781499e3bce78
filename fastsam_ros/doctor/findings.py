# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What `fastsam doctor` finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """How a finding is to be taken."""

    GOOD = 'good'
    NOTE = 'note'  # something is missing that not everyone needs
    BAD = 'bad'  # something does not work that should


@dataclass(frozen=True)
class Finding:
    """
    One thing that was looked at.

    :param topic: what it belongs to
    :param name: what was looked at
    :param state: how it is
    :param text: what was found
    :param advice: what to do about it, or ''
    """

    topic: str
    name: str
    state: State
    text: str
    advice: str = ''
