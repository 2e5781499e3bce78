# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The file of taught words: whole or not at all, and never in the place of anything else."""

from dataclasses import replace
import json
import zipfile

from made_words import example
import numpy as np
import pytest

from fastsam_ros.core.errors import WordsError
from fastsam_ros.text.words import file


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'words.zip'


@pytest.fixture
def content():
    return {
        'my mug': (example((0.25, 0.5), 0.125), example((0, 1), counter=True, picture=b'b')),
        'Übertopf': (example((1, 0), network='other', picture=b'c'),)}


def test_what_was_written_is_read(path, content):
    file.write(path, content)
    found = file.read(path)
    assert list(found) == ['my mug', 'Übertopf']
    for word, examples in content.items():
        for one, other in zip(examples, found[word], strict=True):
            assert (one.id, one.counter, one.picture) == (other.id, other.counter, other.picture)
            assert (one.corner, one.size) == (other.corner, other.size)
            np.testing.assert_array_equal(one.mask.mask(), other.mask.mask())
            assert one.looks.keys() == other.looks.keys()
            for network, look in one.looks.items():
                np.testing.assert_array_equal(look.vector, other.looks[network].vector)
                assert look.nearest == other.looks[network].nearest


def test_no_file_has_no_words(path):
    assert file.read(path) == {}


def test_a_digest_is_of_what_was_taught_in_whatever_order(content):
    known = file.digest(content)
    turned = {word: examples[::-1] for word, examples in reversed(content.items())}
    assert file.digest(turned) == known is not None
    assert file.digest({}) is None
    mug, rest = content['my mug'], content['Übertopf']
    for other in (
        {'my mug': mug}, {'my mug': mug[:1], 'Übertopf': rest}, {'my cup': mug, 'Übertopf': rest},
        {'my mug': (mug[0], replace(mug[1], counter=False)), 'Übertopf': rest},
        {'my mug': (replace(mug[0], picture=b'other'), mug[1]), 'Übertopf': rest},
    ):
        assert file.digest(other) != known


def test_a_file_that_was_cut_short_is_named_and_never_replaced(path, content):
    file.write(path, content)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(WordsError, match='words.zip cannot be read as taught words'):
            file.read(path)
        with pytest.raises(WordsError, match='not written by fastsam'):
            file.write(path, content)
        assert path.read_bytes() == whole[:length]


def test_a_changed_byte_of_a_picture_is_noticed(path, content):
    file.write(path, {'mug': (example(picture=b'a picture of a mug'),)})
    damaged = path.read_bytes().replace(b'of a mug', b'of a rug')
    path.write_bytes(damaged)
    with pytest.raises(WordsError, match='CRC'):
        file.read(path)


@pytest.mark.parametrize('index', [
    '[]', '{}', 'no json', '{"format": "fastsam words 9", "words": {}}',
    '{"format": "fastsam words 1", "words": {"mug": [{}]}}',
    '{"format": "fastsam words 1", "words": 3}'])
def test_other_archives_are_no_words(path, index):
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('words.json', index)
    with pytest.raises(WordsError, match='cannot be read'):
        file.read(path)


def test_what_claims_to_be_huge_is_not_read(path, content, monkeypatch):
    file.write(path, content)
    monkeypatch.setattr(file, 'LARGEST', 20)
    with pytest.raises(WordsError, match='words.json in it is larger'):
        file.read(path)


def test_a_mask_that_does_not_fit_is_noticed(path, content):
    file.write(path, content)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(parts['words.json'])
    index['words']['my mug'][0]['counts'] = [5]
    with zipfile.ZipFile(path, 'w') as archive:
        for name, data in {**parts, 'words.json': json.dumps(index)}.items():
            archive.writestr(name, data)
    with pytest.raises(WordsError, match='does not fill its box'):
        file.read(path)


def test_an_interrupted_write_leaves_what_was_there(path, content, monkeypatch):
    file.write(path, content)
    before = path.read_bytes()

    def fail(*_):
        raise OSError('no space left on device')

    monkeypatch.setattr(zipfile.ZipFile, 'writestr', fail)
    with pytest.raises(WordsError, match='no space left'):
        file.write(path, {'another': content['my mug']})
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ['words.zip']


def test_it_lies_among_the_users_data(monkeypatch, tmp_path):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path))
    assert file.user_file() == tmp_path / 'fastsam_ros' / 'words.zip'
    monkeypatch.setenv('XDG_DATA_HOME', '')
    monkeypatch.setenv('HOME', str(tmp_path))
    assert file.user_file() == tmp_path / '.local/share/fastsam_ros/words.zip'
