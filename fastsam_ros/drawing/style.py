# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
How segments look, in numbers: the one source for files, the overlay topic and the page.

The page reads them as `look.json` (`describe`), so a colour or a rule is changed here alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
import math

# Ordered so that any four ids in a row differ by a CIEDE2000 of 12 at least, for eyes without
# red, green or blue cones too (Machado et al. 2009); bright enough for dark pictures, saturated
# enough for light ones.
PALETTE = (
    (53, 161, 248), (229, 72, 77), (247, 183, 49), (95, 232, 196),
    (138, 108, 255), (21, 143, 148), (255, 122, 89), (255, 166, 213),
    (255, 228, 92), (198, 91, 224), (47, 174, 96), (201, 189, 255),
    (184, 224, 58), (224, 52, 127), (216, 174, 124), (154, 220, 255),
)


@dataclass(frozen=True)
class Style:
    """
    Rules of a drawing.

    :param opacity: of a small segment's fill
    :param tint_from: share of the picture from which on the fill gets fainter
    :param tint_power: its opacity falls with (area / that share) to this power
    :param tint_least: down to this part of the opacity
    :param line_share: a line's half width, of the picture's shorter side; at least one pixel
    :param line_light: how far a line's colour is moved towards white, 0 to 1
    :param line_opacity: of the line's middle
    :param cut_least: pixels of a mask along a side of its box from which on it may be cut there
    :param cut_chord: how much longer than an ellipse's chord one pixel deep that must be
    :param cut_full: a mask that fills this part of its box is a rectangle, and never cut
    """

    opacity: float = 0.5
    tint_from: float = 0.004
    tint_power: float = 0.33
    tint_least: float = 0.24
    line_share: float = 1 / 1000
    line_light: float = 0.22
    line_opacity: float = 0.95
    cut_least: int = 16
    cut_chord: float = 2.0
    cut_full: float = 0.9

    def fill_opacity(self, area: int, pixels: int, opacity: float) -> float:
        """
        How strongly a segment is filled: things are clear, sky and tables are a tint.

        :param area: of the segment, pixels
        :param pixels: of the picture
        :param opacity: of a small segment, 0 to 1
        """
        share = max(area / max(pixels, 1), self.tint_from)
        return opacity * max((share / self.tint_from) ** -self.tint_power, self.tint_least)

    def half_line(self, height: int, width: int) -> int:
        """Half a line's width on a picture of that size, pixels."""
        return max(1, round(min(height, width) * self.line_share))

    def is_cut(self, touching: int, side: int, depth: int) -> bool:
        """
        Whether a mask was cut by its box on one side.

        A thing touches its box along a chord; what the box cut runs along it for longer.

        :param touching: pixels of the mask along that side
        :param side: the side's length, pixels
        :param depth: the box's extent across it, pixels
        """
        if touching < self.cut_least:
            return False
        chord = 2 * side / math.sqrt(max(depth, 1))
        return touching >= self.cut_chord * chord


STYLE = Style()


def describe() -> dict[str, object]:
    """Palette and rules as plain values for JSON."""
    return {'palette': [list(tint) for tint in PALETTE], **asdict(STYLE)}
