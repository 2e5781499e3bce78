# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What one measurement gave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmark.rig.timing import Times, ratio


@dataclass(frozen=True)
class Row:
    """
    One program on one kind of input.

    :param section: images, stages, prompts, node
    :param model: the network's name
    :param size: of the pictures, WIDTHxHEIGHT
    :param program: who or what was measured
    :param times: how long it took
    :param about: whatever else belongs to it
    """

    section: str
    model: str
    size: str
    program: str
    times: Times
    about: dict[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """All of it, plain."""
        names = {key: getattr(self, key) for key in ('section', 'model', 'size', 'program')}
        return {**names, **self.about, **self.times.as_json()}


def groups(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that were measured together, in their order."""
    together: dict[tuple, list[Row]] = {}
    for row in rows:
        about = tuple(row.about.get(key) for key in ('segments', 'image_size'))
        together.setdefault((row.section, row.model, row.size, about), []).append(row)
    return list(together.values())


def find(rows: Sequence[Row], program: str) -> Row | None:
    """The row of a program among those that were measured together."""
    return next((row for row in rows if row.program == program), None)


def times_as_long(rows: Sequence[Row], slow: str, fast: str) -> float | None:
    """How many times as long one program takes as another; None when one was not measured."""
    one, other = find(rows, slow), find(rows, fast)
    return None if one is None or other is None else ratio(one.times, other.times)
