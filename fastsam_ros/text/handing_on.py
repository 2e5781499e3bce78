# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What matchers have in common that answer some texts themselves and hand on all others."""

from __future__ import annotations

from fastsam_ros.core.scene import Matcher
from fastsam_ros.core.settings import Setting


class HandingOn:
    """
    A matcher before another one.

    :param other: who answers all other texts; or None
    :param threshold: scores below are no match, 0 to 1; the other matcher's where there is one
    """

    _own_threshold = Setting(float, 0.0, 1.0)

    def __init__(self, other: Matcher | None = None, threshold: float = 0.5) -> None:
        self.other = other
        self._own_threshold = threshold

    @property
    def name(self) -> str:
        """The other matcher's name; '' without one."""
        return getattr(self.other, 'name', '')

    @property
    def threshold(self) -> float:
        """Scores below are no match, whoever gives them."""
        return self.other.threshold if self.other else self._own_threshold

    @threshold.setter
    def threshold(self, value: float) -> None:
        self._own_threshold = value
        if self.other:
            self.other.threshold = value
