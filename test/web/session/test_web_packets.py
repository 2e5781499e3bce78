# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Packets hold what was put into them."""

from array import array
import math

from fake_bridge import segment
import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.session.packets import columns, media_type, pack, unpack

MASK = np.zeros((6, 8), bool)
MASK[1:4, 2:6] = True
MASK[2, 3] = False
RUNS = RunLengths.from_mask(MASK)


@pytest.mark.parametrize('text', ['', 'a', 'ab', 'abc', 'grün', '“quoted”'])
def test_what_goes_in_comes_out(text):
    table, counts = columns([segment(RUNS, 3, label=text), segment(RUNS, 7)])
    packet = pack({'kind': 'frame', 'text': text, 'segments': table}, counts, b'JPEG')
    header, values, picture = unpack(packet)
    assert header['text'] == text
    assert header['segments']['id'] == [3, 7]
    assert header['segments']['box'] == [[2, 1, 4, 3]] * 2
    assert values.tolist() == [*RUNS.counts] * 2
    assert bytes(picture) == b'JPEG'


def test_run_lengths_begin_at_a_multiple_of_four():
    for n in range(8):
        packet = pack({'fill': 'x' * n})
        assert len(packet) % 4 == 0


def test_a_packet_without_segments_or_picture():
    header, values, picture = unpack(pack({'kind': 'frame', 'segments': None}))
    assert (header['kind'], values.tolist(), bytes(picture)) == ('frame', [], b'')


def test_counts_of_every_kind_are_32_bit_little_endian():
    for counts in (array('I', [1, 2]), [1, 2], (1, 2), np.array([1, 2], np.uint32)):
        one = segment(RUNS, 1)
        one.counts = counts
        assert columns([one])[1] == b'\1\0\0\0\2\0\0\0'


def test_a_score_that_is_no_number_does_not_break_the_header():
    table, counts = columns([segment(RUNS, 1, score=math.nan)])
    header, _, _ = unpack(pack({'segments': table}, counts))
    assert header['segments']['score'] == [0.0]


def test_kinds_of_pictures():
    assert media_type(b'\x89PNG\r\n') == 'image/png'
    assert media_type(b'\xff\xd8\xff\xe0') == 'image/jpeg'
