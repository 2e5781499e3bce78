# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was used least recently goes first."""

import pytest

from fastsam_ros.backends.recent import Recent


def test_what_is_used_stays():
    recent = Recent(2)
    for key in 'abacad':  # `a` is used each time
        recent.get(key, key.upper)
    assert [key in recent for key in 'abcd'] == [True, False, False, True]
    assert recent.get('a', lambda: pytest.fail('made again')) == 'A'


def test_others_have_gone_before_one_is_made():
    recent = Recent(1)
    recent.get('large', list)
    assert recent.get('larger', lambda: 'large' in recent) is False


def test_what_could_not_be_made_is_not_there():
    recent = Recent(2)
    with pytest.raises(MemoryError):
        recent.get('a', lambda: (_ for _ in ()).throw(MemoryError))
    assert 'a' not in recent
    recent.get('a', str)
    recent.drop('a')
    recent.drop('b')
    assert 'a' not in recent
