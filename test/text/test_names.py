# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Words that people use, and the names that a network knows."""

import json

import pytest

from fastsam_ros import models
from fastsam_ros.core.errors import ModelError
from fastsam_ros.text.names import Names

SMALL = Names({
    'person': ['man', 'people'], 'tv': ['screen', 'tv set'], 'knife': [], 'bus': [],
    'cup': ['glass'], 'cherry': ['fruit'], 'wine glass': ['glass'], 'hot dog': [],
    'scissors': [], 'mouse': ['mice']})


@pytest.mark.parametrize(('word', 'names'), [
    ('person', ['person']), ('The  Person', ['person']), ('a man', ['person']),
    ('people', ['person']), ('TVs', ['tv']), ('tv sets', ['tv']), ('knives', ['knife']),
    ('buses', ['bus']), ('cherries', ['cherry']), ('an hot-dog', ['hot dog']),
    ('scissors', ['scissors']), ('mice', ['mouse']), ('glasses', ['cup', 'wine glass']),
    ('wine glasses', ['wine glass']), ('wall', []), ('', []), ('a', []), ('s', []),
    ('theman', []), ('bu', []),
])
def test_words_stand_for_names(word, names):
    assert [SMALL.names[column] for column in SMALL.columns(word)] == names


def test_unknown_words_are_listed():
    assert SMALL.unknown(['cups', 'sky', 'the floor']) == ['sky', 'the floor']


def test_a_file_comes_back_as_it_was_written(tmp_path):
    path = Names.file_of(tmp_path / 'mine.onnx')
    assert path.name == 'mine.names.json'
    SMALL.write(path)
    read = Names.beside(tmp_path / 'mine.xml')
    assert read.names == SMALL.names and read.columns('screens') == (1,)
    assert Names.beside(tmp_path / 'other.onnx') is None


@pytest.mark.parametrize('text', [
    '', '{', '[]', '{"names": 3}', '{"name": {}}', '{"names": ["tv"]}', '{"names": {"tv": 3}}',
    '{"names": {"tv": "screen"}}'])
def test_a_broken_file_says_what_was_expected(tmp_path, text):
    path = tmp_path / 'x.names.json'
    path.write_text(text)
    with pytest.raises(ModelError, match=r'x\.names\.json.*expected JSON'):
        Names.read(path)


def test_the_words_of_the_model_that_ships():
    names = Names.beside(models.shipped())
    assert len(names) == 80 and (names.names[0], names.names[79]) == ('person', 'toothbrush')
    for name, words in names.synonyms.items():
        for word in (name, *words, f'{name}s' if not name.endswith('s') else name):
            assert names.names.index(name) in names.columns(word), word
    content = json.loads(Names.file_of(models.shipped()).read_text())
    assert list(content) == ['names']
