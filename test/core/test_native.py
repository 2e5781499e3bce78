# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The C++ library is there, fits these sources, and is refused where it does not."""

import ctypes
from pathlib import Path
import re
from types import SimpleNamespace

import numpy as np
import pytest

from fastsam_ros.core import BackendError, native

ROOT = Path(__file__).parents[2]


@pytest.fixture
def found(monkeypatch):
    """Says where Python finds the library."""
    def find(origin):
        spec = None if origin is None else SimpleNamespace(origin=str(origin))
        monkeypatch.setattr(native, 'find_spec', lambda name: spec)
        native.library.cache_clear()

    yield find
    native.library.cache_clear()


def test_the_library_is_there():
    assert native.library().fastsam_abi_version() == native.ABI_VERSION


def test_both_sides_agree_on_the_version():
    source = (ROOT / 'src' / 'native.cpp').read_text()
    assert int(re.search(r'ABI_VERSION = (\d+)', source)[1]) == native.ABI_VERSION


@pytest.mark.parametrize('what', ['missing', 'cannot be loaded', 'stale', 'without a version'])
def test_another_library_is_refused_with_what_to_do(found, what, tmp_path, monkeypatch):
    if what == 'missing':
        found(None)
    elif what == 'cannot be loaded':
        (tmp_path / '_native.so').write_bytes(b'for another machine')
        found(tmp_path / '_native.so')
    elif what == 'stale':
        found(native.library()._name)
        monkeypatch.setattr(native, 'ABI_VERSION', native.ABI_VERSION + 1)
    else:  # any library that is not ours
        found(ctypes.CDLL(None)._name or 'libc.so.6')
    with pytest.raises(BackendError) as error:
        native.library()
    assert {'without a version': 'has version 0'}.get(what, what) in str(error.value)
    assert 'pip install .' in str(error.value)
    assert '\n' not in str(error.value)


def test_a_library_without_a_function_is_stale(found, monkeypatch):
    found(native.library()._name)
    monkeypatch.setitem(native._ARGUMENTS, 'fastsam_fly', ())
    with pytest.raises(BackendError, match='is stale: it has no fastsam_fly'):
        native.library()


def millimetres(metres):
    result = np.zeros((2, 2), np.uint16)
    native.library().fastsam_millimetres(metres, 4, result)
    return result.tolist()


@pytest.mark.parametrize('array', [
    np.ones((2, 2)), np.ones(4, np.float32), np.ones((2, 4), np.float32)[:, ::2], [[1.0]], None])
def test_another_array_than_is_needed_is_refused(array):
    with pytest.raises(ctypes.ArgumentError, match='a contiguous 2D array of float32 is needed'):
        millimetres(array)


def test_an_array_that_nobody_may_write_into_is_read():
    metres = np.float32([[1, 2], [3, 4]])
    metres.flags.writeable = False
    assert millimetres(metres) == [[1000, 2000], [3000, 4000]]
