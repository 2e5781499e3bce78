# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Files and folders that take the place of others whole, or not at all."""

import os

import pytest

from fastsam_ros.media.atomic_files import PARTIAL, replacing


def ours(path):
    return True


def write(path, text):
    with replacing(path, ours) as temporary:
        temporary.mkdir()
        (temporary / 'a').write_text(text)


def test_a_folder_replaces_another(tmp_path):
    for text in ('old', 'new'):
        write(tmp_path / 'out', text)
        assert (tmp_path / 'out' / 'a').read_text() == text
        assert [path.name for path in tmp_path.iterdir()] == ['out']


@pytest.mark.parametrize('kind', [OSError, KeyboardInterrupt])
def test_a_swap_that_fails_keeps_the_old_folder(tmp_path, monkeypatch, kind):
    write(tmp_path / 'out', 'old')
    swap = os.replace

    def fail(source, target):
        if source.name == f'{PARTIAL}out':
            raise kind
        swap(source, target)

    monkeypatch.setattr(os, 'replace', fail)
    with pytest.raises(kind):
        write(tmp_path / 'out', 'new')
    assert (tmp_path / 'out' / 'a').read_text() == 'old'
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_a_swap_that_was_killed_loses_neither_and_is_put_right(tmp_path, monkeypatch):
    write(tmp_path / 'out', 'old')
    found = []

    def look(source, target):
        swap(source, target)
        found.append({path.parent.name: path.read_text() for path in tmp_path.glob('*/a')})

    swap = os.replace
    monkeypatch.setattr(os, 'replace', look)
    write(tmp_path / 'out', 'new')
    assert all(set(texts.values()) == {'old', 'new'} for texts in found) and len(found) == 2
    monkeypatch.undo()
    (tmp_path / 'out').rename(tmp_path / f'{PARTIAL}former-out')  # as a kill leaves it
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / 'out', ours):
        raise ZeroDivisionError
    assert (tmp_path / 'out' / 'a').read_text() == 'new'
