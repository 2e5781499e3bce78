# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Results as tables in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmark.images import BARE, BARE_HALF, HALF, OURS
from benchmark.report.results import Row, find, groups, times_as_long

TITLES = {
    'images': 'From a picture to all masks',
    'stages': 'Where the time goes',
    'messages': 'What ROS adds',
    'prompts': 'Prompts on a scene that is there',
    'following': 'Following, besides the network',
    'gpu': 'On a GPU',
    'memory': 'Memory above what was taken before the picture',
    'node': 'The whole node',
}


def document(rows: Sequence[Row], others: Sequence[Mapping[str, object]]) -> str:
    """
    All tables, each with its heading.

    :param rows: of times
    :param others: entries of sections without times
    """
    parts = []
    for section, title in TITLES.items():
        timed = [row for row in rows if row.section == section]
        plain = [entry for entry in others if entry['section'] == section]
        if timed:
            parts.append(f'## {title}\n\n{_tables(section, timed)}')
        elif plain:
            parts.append(f'## {title}\n\n{plain_table(plain)}')
    return '\n\n'.join(parts) + '\n'


def _tables(section: str, rows: list[Row]) -> str:
    kinds = {'images': image_table, 'gpu': image_table}
    return kinds.get(section, stage_table)(rows)


def image_table(rows: Sequence[Row]) -> str:
    """Programs against this package and the bare network."""
    heads = ('network', 'picture', 'segments', 'program', 'ms', 'quartiles',
             'this package is faster', 'of the bare network')
    lines = [f'| {" | ".join(heads)} |', '|---|---|---:|---|---:|---:|---:|---:|']
    for group in groups(rows):
        for row in group:
            faster = times_as_long(group, row.program, OURS)
            bare = BARE_HALF if row.program == HALF else BARE
            limit = times_as_long(group, row.program, bare)
            low, high = row.times.quartiles
            lines.append(
                f'| {row.model} | {row.size} | {row.about["segments"]:g} | {row.program} '
                f'({row.about["precision"]}) | {row.times.median:.1f} | {low:.1f} to {high:.1f} | '
                f'{_times(faster if row.program != OURS else None)} | {_times(limit)} |')
    return '\n'.join(lines)


def _times(value: float | None) -> str:
    return '' if value is None else f'{value:.2f} x'


def stage_table(rows: Sequence[Row]) -> str:
    """A line a stage or prompt, a column a kind of input."""
    together = groups(rows)
    names = list(dict.fromkeys(row.program for row in rows))
    heads = [f'{group[0].model}, {group[0].size}, {group[0].about["segments"]:g} segments'
             for group in together]
    lines = [f'| ms | {" | ".join(heads)} |', f'|---|{"---:|" * len(heads)}']
    for name in names:
        cells = [find(group, name) for group in together]
        values = ['' if row is None else f'{row.times.median:.2f}' for row in cells]
        lines.append(f'| {name} | {" | ".join(values)} |')
    return '\n'.join(lines)


def plain_table(entries: Sequence[Mapping[str, object]]) -> str:
    """A column an entry, a line a field."""
    fields = list(dict.fromkeys(
        key for entry in entries for key in entry if key != 'section'))
    lines = ['| | ' + ' | '.join(str(i + 1) for i in range(len(entries))) + ' |',
             '|---|' + '---:|' * len(entries)]
    for field in fields:
        lines.append(f'| {field.replace("_", " ")} | '
                     + ' | '.join(str(entry.get(field, '')) for entry in entries) + ' |')
    return '\n'.join(lines)
