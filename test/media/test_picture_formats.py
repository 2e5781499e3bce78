# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures as phones and browsers make them."""

import sys
from types import SimpleNamespace

import numpy as np
from PIL import Image, features
import pytest

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
