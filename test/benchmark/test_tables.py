# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tables, JSON and the plot, from rows made by hand."""

import json

import pytest

from benchmark.__main__ import main, report
from benchmark.images import BARE, BARE_HALF, HALF, OURS, RETINA
from benchmark.report import tables
from benchmark.report.results import Row, groups, times_as_long
from benchmark.rig.timing import Times

ABOUT = {'segments': 100, 'image_size': 640, 'precision': 'fp32'}
MACHINE = {
    'processor': 'a processor', 'cores': 2, 'memory_gb': 24.0, 'gpu': '', 'python': '3.10',
    'libraries': {'numpy': '2.0'}}


def row(program, *milliseconds, section='images', size='640x480', **about):
    return Row(section, 'fastsam-n', size, program, Times(milliseconds), {**ABOUT, **about})


ROWS = [
    row(OURS, 10.0, 12.0, 11.0), row(BARE, 5.0, 6.0, 5.5), row(RETINA, 40.0, 60.0, 55.0),
    row(HALF, 6.0, 6.0, 6.0), row(BARE_HALF, 3.0, 3.0, 3.0),
    row(OURS, 20.0, size='1920x1080'), row(RETINA, 300.0, size='1920x1080'),
]


def cells(line):
    return [cell.strip() for cell in line.strip('|').split('|')]


def test_rows_are_compared_with_those_measured_beside_them():
    first, second = groups(ROWS)
    assert [len(first), len(second)] == [5, 2]
    assert times_as_long(first, RETINA, OURS) == 5
    assert times_as_long(second, RETINA, OURS) == 15
    assert times_as_long(second, RETINA, BARE) is None


def test_the_table_of_pictures():
    head, _, *lines = tables.image_table(ROWS).splitlines()
    found = {(line[1], line[3]): dict(zip(cells(head), line)) for line in map(cells, lines)}
    ours = found['640x480', f'{OURS} (fp32)']
    assert (ours['ms'], ours['quartiles']) == ('11.0', '10.5 to 11.5')
    assert (ours['this package is faster'], ours['of the bare network']) == ('', '2.00 x')
    assert found['640x480', f'{RETINA} (fp32)']['this package is faster'] == '5.00 x'
    assert found['640x480', f'{HALF} (fp32)']['of the bare network'] == '2.00 x'
    assert found['1920x1080', f'{OURS} (fp32)']['of the bare network'] == ''
    assert len({len(cells(line)) for line in (head, *lines)}) == 1


def test_the_table_of_stages():
    rows = [row('network', 7.0, section='stages'), row('decode', 1.234, section='stages'),
            row('network', 8.0, section='stages', size='1920x1080')]
    lines = tables.stage_table(rows).splitlines()
    assert cells(lines[0])[1:] == [
        'fastsam-n, 640x480, 100 segments', 'fastsam-n, 1920x1080, 100 segments']
    assert cells(lines[2]) == ['network', '7.00', '8.00']
    assert cells(lines[3]) == ['decode', '1.23', '']


def test_entries_without_times():
    lines = tables.plain_table([
        {'section': 'node', 'node_fps': 30.5, 'segments': 20},
        {'section': 'node', 'node_fps': 28.0}]).splitlines()
    assert cells(lines[2]) == ['node fps', '30.5', '28.0']
    assert cells(lines[3]) == ['segments', '20', '']


def test_the_report_is_written(tmp_path):
    pytest.importorskip('matplotlib')
    others = [{'section': 'memory', 'program': OURS, 'megabytes': 12.5}]
    text = report(tmp_path / 'new', MACHINE, ROWS, others)
    assert (tmp_path / 'new' / 'benchmark.md').read_text() == text
    assert text.startswith('a processor, 2 cores, 24 GB, no GPU, Python 3.10, numpy 2.0')
    assert '## From a picture to all masks' in text
    assert '| megabytes | 12.5 |' in text
    numbers = json.loads((tmp_path / 'new' / 'benchmark.json').read_text())
    assert len(numbers['results']) == len(ROWS) + 1
    assert numbers['results'][0]['median_ms'] == 11
    assert (tmp_path / 'new' / 'benchmark.png').stat().st_size > 10000


def test_an_unknown_part_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(['--parts', 'everything'])
    assert 'invalid choice' in capsys.readouterr().err
