# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A picture of the results: how long each program takes, a panel a size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmark.images import BARE, CASIA, COARSE, OURS, RETINA, VINO
from benchmark.report.results import Row, find, groups

COLOURS = {
    OURS: '#0b6e4f', BARE: '#9aa5a0', RETINA: '#c1440e', VINO: '#d97a3a', COARSE: '#e3b58a',
    CASIA: '#7a4d8b'}


def draw(rows: Sequence[Row], path: Path) -> None:
    """
    Write a picture.

    :param rows: of the section images; others are left out
    :param path: of the .png or .svg
    """
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    together = _first_of_each_size(groups([row for row in rows if row.section == 'images']))
    names = list(dict.fromkeys(group[0].model for group in together))
    figure, panels = pyplot.subplots(
        1, len(names), figsize=(5.5 * len(names), 4), squeeze=False, layout='constrained')
    for panel, name in zip(panels[0], names):
        _panel(panel, [group for group in together if group[0].model == name])
        panel.set_title(name)
    panels[0][0].set_ylabel('ms from a picture to all masks')
    figure.legend(*panels[0][0].get_legend_handles_labels(), loc='outside lower center', ncols=3)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def _first_of_each_size(together: list[list[Row]]) -> list[list[Row]]:
    """The same number of segments at each size; at other thresholds things look much the same."""
    first: dict[tuple[str, str], list[Row]] = {}
    for group in together:
        first.setdefault((group[0].model, group[0].size), group)
    return list(first.values())


def _panel(panel, together: list[list[Row]]) -> None:
    """Bars, in a group for each size of picture."""
    width = 0.8 / len(COLOURS)
    for index, (program, colour) in enumerate(COLOURS.items()):
        found = [(place, row) for place, group in enumerate(together)
                 if (row := find(group, program)) is not None]
        bars = panel.bar(
            [place + (index - len(COLOURS) / 2 + 0.5) * width for place, _ in found],
            [row.times.median for _, row in found], width, color=colour, label=program)
        panel.bar_label(bars, fmt='{:.0f}', fontsize=6, rotation=90, padding=2)
    labels = [f'{group[0].size}\n{group[0].about["segments"]:g} segments' for group in together]
    panel.set_xticks(range(len(together)), labels, fontsize=7)
    panel.set_yscale('log')
    panel.spines[['top', 'right']].set_visible(False)
