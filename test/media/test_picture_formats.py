# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures as phones and browsers make them."""

import struct
import sys
from types import SimpleNamespace
from zlib import crc32

import numpy as np
from PIL import Image, features
import pytest

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media.images import load_formats, read_picture
from fastsam_ros.media.sources import find_sources


@pytest.mark.skipif(not features.check('avif'), reason='this Pillow reads no AVIF')
def test_avif_is_found_in_a_folder_and_read(tmp_path):
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, 30:] = (200, 40, 40)
    Image.fromarray(picture).save(tmp_path / 'a.avif', quality=95)
    (source,) = find_sources([str(tmp_path)])
    assert source.kind == 'picture'
    assert np.abs(read_picture(source.path).astype(int) - picture).mean() < 6


def test_the_plugin_for_heic_joins_where_it_is_installed(monkeypatch):
    joined = []
    plugin = SimpleNamespace(register_heif_opener=lambda: joined.append(True))
    monkeypatch.setitem(sys.modules, 'pillow_heif', plugin)
    load_formats()
    assert joined == [True]
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    load_formats()  # without it nothing is wrong


def test_a_picture_that_claims_a_huge_size_is_refused_before_it_is_decoded(tmp_path):
    def chunk(kind, data):
        return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', crc32(kind + data))

    header = struct.pack('>IIBBBBB', 20_001, 20_000, 8, 2, 0, 0, 0)
    path = tmp_path / 'huge.png'
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header) + chunk(b'IDAT', b''))
    with pytest.warns(), pytest.raises(ImageError, match='20001x20000, more than 400,000,000'):
        read_picture(path)
