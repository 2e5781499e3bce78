# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Words that people use, and the names that a network knows."""

import pytest

from fastsam_ros import models
from fastsam_ros.models.metadata import Metadata
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


def test_the_words_of_the_model_that_ships():
    names = Names(Metadata.of(models.shipped()).names)
    assert len(names) == 80 and (names.names[0], names.names[79]) == ('person', 'toothbrush')
    for name, words in names.synonyms.items():
        for word in (name, *words, f'{name}s' if not name.endswith('s') else name):
            assert names.names.index(name) in names.columns(word), word
