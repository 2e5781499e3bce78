# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What goes to the browser: one binary block of a header, run lengths and a picture.

    uint32      bytes of the header
    header      JSON, filled up with blanks so that what follows begins at a multiple of 4
    uint32[]    run lengths of all segments, one after the other; `runs` in the header says how
                many each has
    bytes       the picture, JPEG or PNG; may be empty

All numbers are little-endian. `static/packet.js` reads it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
import json
import struct
import sys
from typing import Any

LENGTH = struct.Struct('<I')
PRECISION = 4  # digits of a score that anybody sees
PNG = b'\x89PNG'


def pack(header: dict[str, Any], counts: bytes = b'', picture: bytes = b'') -> bytes:
    """
    Put a packet together.

    :param header: what JSON can hold
    :param counts: uint32 run lengths, little-endian
    :param picture: JPEG or PNG, or nothing
    """
    text = json.dumps(header, separators=(',', ':'), allow_nan=False).encode()
    text += b' ' * (-len(text) % 4)
    return b''.join([LENGTH.pack(len(text)), text, counts, picture])


def unpack(packet: bytes) -> tuple[dict[str, Any], memoryview, memoryview]:
    """
    Take a packet apart: header, run lengths as uint32, picture.

    :param packet: as `pack` made it
    """
    (length,) = LENGTH.unpack_from(packet)
    header = json.loads(packet[LENGTH.size : LENGTH.size + length])
    rest = memoryview(packet)[LENGTH.size + length :]
    end = 4 * sum((header.get('segments') or {}).get('runs', ()))
    return header, rest[:end].cast('I'), rest[end:]


def columns(segments: Iterable[Any]) -> tuple[dict[str, list], bytes]:
    """
    Segments as columns for the header, and their run lengths.

    :param segments: `msg/Segmentation`s, in the order to paint them
    """
    segments = list(segments)
    boxes = [segment.box for segment in segments]
    table = {
        'id': [segment.id for segment in segments],
        'prompt': [segment.prompt_id for segment in segments],
        'score': [_rounded(segment.score) for segment in segments],
        'prompt_score': [_rounded(segment.prompt_score) for segment in segments],
        'label': [segment.label for segment in segments],
        'box': [[box.x_offset, box.y_offset, box.width, box.height] for box in boxes],
        'area': [segment.area for segment in segments],
        'runs': [len(segment.counts) for segment in segments],
    }
    return table, b''.join(_little_endian(segment.counts) for segment in segments)


def media_type(picture: bytes) -> str:
    """What kind of picture the bytes are."""
    return 'image/png' if picture[:4] == PNG else 'image/jpeg'


def _rounded(score: float) -> float:
    return round(score, PRECISION) if score == score else 0.0  # JSON has no NaN


def _little_endian(counts: Sequence[int]) -> bytes:
    values = counts if isinstance(counts, array) else array('I', counts)
    if sys.byteorder == 'big':
        values = array('I', values)
        values.byteswap()
    return values.tobytes()
