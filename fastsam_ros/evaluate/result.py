# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What an evaluation found, and by which rules: figures of other rules are other figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Evaluation:
    """
    The figures of one task on one set of pictures.

    :param task: such as 'proposals'
    :param data: name of the folder
    :param pictures: how many there were
    :param figures: names and values; shares are 0 to 1
    :param protocol: how they were measured, one line a rule
    """

    task: str
    data: str
    pictures: int
    figures: Mapping[str, float]
    protocol: tuple[str, ...]

    def to_json(self) -> dict:
        """As a document for programs; figures have four digits."""
        return {**asdict(self), 'figures': {k: round(v, 4) for k, v in self.figures.items()}}
