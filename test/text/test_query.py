# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Text prompts are taken apart."""

import pytest

from fastsam_ros.core.errors import HOW_TO_GET_A_TEXT_MODEL, PromptError
from fastsam_ros.text.query import LIMIT, Query


@pytest.mark.parametrize(
    ('text', 'texts', 'negatives'),
    [
        ('dog', ['dog'], []),
        ('  the   yellow dog ', ['the yellow dog'], []),
        ('dog, cat;bird\nfish', ['dog', 'cat', 'bird', 'fish'], []),
        ('dog, dog', ['dog'], []),
        ('dog -statue', ['dog'], ['statue']),
        ('dog, cat -stone statue -toy, bird', ['dog', 'cat', 'bird'], ['stone statue', 'toy']),
        ('dog - statue', ['dog'], ['statue']),
        ('-statue, dog', ['dog'], ['statue']),
        ('t-shirt, e-bike', ['t-shirt', 'e-bike'], []),
        ('5 - ', ['5 -'], []),
        ('small, red car', ['small red car'], []),
        ('a small, Red, wooden box, dog', ['a small Red wooden box', 'dog'], []),
        ('dog, red', ['dog', 'red'], []),
        ('red, blue', ['red', 'blue'], []),
        ('red; car', ['red', 'car'], []),
        ('red, car -small, old car', ['red car', 'old car'], ['small']),
    ],
)
def test_a_prompt_is_taken_apart(text, texts, negatives):
    assert Query.parse(text) == Query(tuple(texts), tuple(negatives))


@pytest.mark.parametrize('text', ['', '  ', ',;\n', '-statue', ' , -a -b'])
def test_asking_for_nothing_is_refused(text):
    with pytest.raises(PromptError, match='asks for nothing'):
        Query.parse(text)


def test_asking_for_too_much_is_refused():
    many = [f'thing {i}' for i in range(LIMIT)]
    assert len(Query.parse(','.join(many)).texts) == LIMIT
    with pytest.raises(PromptError, match='100 texts and 1 negatives'):
        Query.parse(','.join(many) + ' -statue')


def test_the_way_to_a_text_model_has_three_commands():
    commands = [line for line in HOW_TO_GET_A_TEXT_MODEL.splitlines() if line.startswith('  ')]
    assert len(commands) == 3
