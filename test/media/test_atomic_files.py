# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Files and folders that take the place of others whole, or not at all."""

import errno
import os

import pytest

from fastsam_ros.media.atomic_files import create, replacing
from fastsam_ros.media.partials import FORMER, PARTIAL


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
        if source.parent.name.startswith(PARTIAL):
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
        found.append({path.read_text() for path in tmp_path.rglob('a')})

    swap = os.replace
    monkeypatch.setattr(os, 'replace', look)
    write(tmp_path / 'out', 'new')
    assert found == [{'old', 'new'}] * 2
    monkeypatch.undo()
    (tmp_path / 'out').rename(tmp_path / f'{FORMER}out')  # as a kill leaves it
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / 'out', ours):
        raise ZeroDivisionError
    assert (tmp_path / 'out' / 'a').read_text() == 'new'


@pytest.mark.parametrize('folders', [False, True])
def test_of_several_writers_of_one_place_each_is_whole_and_the_last_stays(tmp_path, folders):
    def begin(path, text):
        if folders:
            path.mkdir()
            path /= 'a'
        path.write_text(text)
        return path

    path = tmp_path / 'out'
    with replacing(path, ours) as first:
        written = begin(first, 'half')
        with replacing(path, ours) as second:
            begin(second, 'of another')
        written.write_text('whole')
        assert (path / 'a' if folders else path).read_text() == 'of another'
    assert (path / 'a' if folders else path).read_text() == 'whole'
    assert [path.name for path in tmp_path.iterdir()] == ['out']


@pytest.mark.parametrize('step', [1, 2])
def test_a_folder_that_another_writer_swaps_meanwhile_is_swapped_again(
    tmp_path, monkeypatch, step
):
    """Between the two steps of the swap, and before its first."""
    write(tmp_path / 'out', 'old')
    swap, steps = os.replace, []

    def between(source, target):
        steps.append(source)
        if len(steps) == step:
            write(tmp_path / 'out', 'of another')
        swap(source, target)

    monkeypatch.setattr(os, 'replace', between)
    write(tmp_path / 'out', 'new')
    assert (tmp_path / 'out' / 'a').read_text() == 'new'
    assert [path.name for path in tmp_path.iterdir()] == ['out']


def test_the_name_is_the_one_that_the_file_will_have(tmp_path):
    """Bags hold their own name, and two runs are to give the same bytes."""
    with replacing(tmp_path / ('n' * 200 + '.mcap'), ours) as temporary:
        assert temporary.name == 'n' * 200 + '.mcap'
        temporary.touch()


@pytest.mark.parametrize('links', [True, False])
def test_a_file_is_created_by_the_first_alone(tmp_path, monkeypatch, links):
    def refuse(source, target):
        raise OSError(errno.EPERM, 'Operation not permitted')  # as exFAT says

    if not links:
        monkeypatch.setattr(os, 'link', refuse)
    made = [create(tmp_path / 'deep' / 'a', text) for text in (b'first', b'second')]
    assert made == [True, False]
    assert (tmp_path / 'deep' / 'a').read_bytes() == b'first'
    assert len(list((tmp_path / 'deep').iterdir())) == 1
