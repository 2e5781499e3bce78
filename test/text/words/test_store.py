# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Words that are taught, forgotten and shared."""

from concurrent.futures import ThreadPoolExecutor
import errno
import fcntl
import json
import zipfile

from made_words import example
import pytest

from fastsam_ros.core.errors import PromptError, UnknownWordError, WordsError
from fastsam_ros.text.words.file import INDEX
from fastsam_ros.text.words.store import Words


def shown(words, **fields):
    return example(network=words.network, **fields)


def test_examples_add_up_and_the_same_one_counts_once(words):
    assert words.teach('my mug', [shown(words)]) == 1
    assert words.teach('the My Mugs', [shown(words, picture=b'2')]) == 2
    assert words.teach('my mug', [shown(words)]) == 2
    assert words.names == ('my mug',)


def test_an_example_may_turn_out_to_be_none(words):
    words.teach('my mug', [shown(words), shown(words, picture=b'2')])
    assert words.teach('my mug', [shown(words, counter=True)]) == 2
    assert [one.counter for one in words.content()['my mug']] == [True, False]
    with pytest.raises(PromptError, match='would have no example'):
        words.teach('my mug', [shown(words, picture=b'2', counter=True)])


def test_what_it_is_comes_before_what_it_is_not(words):
    with pytest.raises(PromptError, match='show what it is before'):
        words.teach('my mug', [shown(words, counter=True)])
    assert not words.path.exists()
    words.teach('my mug', [shown(words), shown(words, picture=b'2', counter=True)])


def test_words_outlive_the_program(words, network):
    words.teach('my mug', [shown(words)])
    assert Words(words.path, network).names == ('my mug',)


def test_what_another_program_taught_is_known_at_once_and_not_lost(words, network):
    other = Words(words.path, network)
    words.teach('my mug', [shown(words)])
    assert other.names == ('my mug',)
    other.teach('valve 7', [shown(words)])
    assert words.names == ('my mug', 'valve 7')
    words.forget('my mug')
    assert other.names == ('valve 7',)


def test_a_disk_that_locks_no_files_is_named(words, monkeypatch):
    def flock(*_):
        raise OSError(errno.ENOLCK, 'No locks available')

    monkeypatch.setattr(fcntl, 'flock', flock)
    with pytest.raises(WordsError, match='cannot be kept in .*No locks available'):
        words.teach('my mug', [shown(words)])


def test_the_state_changes_with_the_file_alone(words):
    assert words.state == []
    states = []
    for picture in (b'1', b'2'):
        words.teach('my mug', [shown(words, picture=picture)])
        states += [words.state, words.state]
    assert states[0] == states[1] != states[2] == states[3]


def test_nothing_is_lost_when_several_teach_at_once(words, network):
    def teach(number):
        Words(words.path, network).teach(f'word {number}', [shown(words)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(teach, range(16)))
    assert len(words.names) == 16


def test_an_unknown_word_cannot_be_forgotten(words):
    words.teach('my mug', [shown(words)])
    with pytest.raises(UnknownWordError, match="'mug' was not taught; taught words: 'my mug'"):
        words.forget('mug')
    words.forget('My mugs')
    assert words.names == () and words.content() == {}


@pytest.mark.parametrize('word', ['', ' ', 'cup, plate', 'cup -plate', 'a;b', 'w' * 101])
def test_what_no_text_could_ask_for_is_no_word(words, word):
    with pytest.raises(PromptError):
        words.teach(word, [shown(words)])
    assert not words.path.exists()


def test_a_broken_file_is_named_left_alone_and_known_again_when_it_is_whole(words, caplog):
    words.teach('my mug', [shown(words)])
    assert words.names == ('my mug',)
    whole = words.path.read_bytes()
    words.path.write_bytes(whole[:-20])
    assert words.names == () and 'cannot be read' in words.problem
    assert words.names == () and len(caplog.records) == 1  # said once
    for change in (lambda: words.teach('cup', [shown(words)]), lambda: words.forget('my mug')):
        with pytest.raises(WordsError, match='left as it is'):
            change()
    assert words.path.read_bytes() == whole[:-20]
    words.path.write_bytes(whole)
    assert words.names == ('my mug',) and words.problem == ''


def test_vectors_that_do_not_fit_one_another_are_named(words):
    words.teach('my mug', [shown(words, vector=(1, 0))])
    words.teach('valve', [shown(words, vector=(1, 0, 0))])
    assert words.names == () and str(words.path) in words.problem


def test_a_folder_that_cannot_be_is_said(tmp_path, network):
    (tmp_path / 'file').write_text('in the way')
    words = Words(tmp_path / 'file' / 'words.zip', network)
    assert words.names == ()
    with pytest.raises(WordsError, match='cannot be kept'):
        words.teach('my mug', [example()])


def test_another_file_is_merged(words, network, tmp_path):
    other = Words(tmp_path / 'other.zip', network)
    other.teach('my mug', [shown(words, picture=b'other')])
    other.teach('valve', [shown(words)])
    words.teach('My mug', [shown(words)])
    words.merge(other.content())
    assert {word: len(examples) for word, examples in words.content().items()} == {
        'My mug': 2, 'valve': 1}
    assert len(other.content()) == 2


def parts_of(path):
    """What is in a word file."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_words_are_merged_all_or_none(words, network, tmp_path):
    words.teach('cup', [shown(words)])
    before = words.path.read_bytes()
    content = {'valve': (shown(words),), 'plate': (shown(words, counter=True),)}
    with pytest.raises(PromptError, match='plate'):
        words.merge(content)
    assert words.path.read_bytes() == before


def test_pictures_that_could_unfold_to_any_size_are_refused(words):
    words.teach('my mug', [shown(words, picture=b'0' * 10000)])
    parts = parts_of(words.path)
    with zipfile.ZipFile(words.path, 'w', zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert words.names == () and 'is compressed' in words.problem


def test_what_is_known_is_known_while_another_program_writes(words):
    words.teach('my mug', [shown(words)])
    assert words.names == ('my mug',)
    lock_file = words.path.with_name(f'.{words.path.name}.lock')
    with lock_file.open('rb') as lock, ThreadPoolExecutor(2) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = pool.submit(words.teach, 'cup', [shown(words)])
        with pytest.raises(TimeoutError):
            waiting.result(0.2)
        assert pool.submit(lambda: words.names).result(5) == ('my mug',)
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert waiting.result(5) == 1
    assert words.names == ('my mug', 'cup')


@pytest.mark.parametrize('field, value', [
    ('box', [float('inf'), 0, 1, 1]), ('size', [10 ** 6, 10 ** 6]), ('size', [-1, 5]),
    ('corner', [-3, 0]), ('corner', [2000, 0]),
])
def test_a_file_whose_masks_do_not_lie_in_its_pictures_is_none(words, field, value):
    words.teach('my mug', [shown(words)])
    index = json.loads(parts_of(words.path)[INDEX])
    index['words']['my mug'][0][field] = value
    with zipfile.ZipFile(words.path, 'a') as archive, pytest.warns(UserWarning, match='Duplicate'):
        archive.writestr(INDEX, json.dumps(index))
    assert words.names == () and 'cannot be read' in words.problem


def test_an_example_that_cannot_be_looked_at_keeps_no_other_from_it(words, tmp_path, caplog):
    words.teach('my mug', [shown(words)])
    (tmp_path / 'other.onnx').write_bytes(b'another network')
    other = Words(words.path, tmp_path / 'other.onnx')

    def broken(image):
        raise MemoryError('too large')

    before = words.state
    other.learn_again(broken)
    assert 'cannot be looked at' in caplog.text
    assert words.state == before  # a file that says nothing new is not written
