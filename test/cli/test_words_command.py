# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam teach` and `fastsam words`, on photographs."""

import json
import zipfile

import cv2
import pytest

from fastsam_ros.text.words import Words


@pytest.fixture(scope='module')
def coffee(photographs, tmp_path_factory):
    path = tmp_path_factory.mktemp('photos') / 'coffee.png'
    cv2.imwrite(str(path), photographs['coffee'][..., ::-1])
    return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'words.zip'


@pytest.fixture
def teach(fastsam, coffee, path):
    def teach(word, *arguments):
        return fastsam('teach', word, coffee, '--words', path, *arguments)

    return teach


@pytest.fixture
def words(fastsam, path):
    """Run `fastsam words`, with the test's file."""
    return lambda *arguments: fastsam('words', *arguments, '--words', path)


def test_a_word_is_taught_and_then_found(teach, fastsam, coffee, path, tmp_path):
    result = teach('my mug', '--point', '300,150')
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("'my mug' has 1 example, in ")
    document = json.loads(
        teach('my mug', '--box', '60,60,210,330', '--counter', '--json').stdout)
    assert document == {'word': 'my mug', 'examples': 2, 'file': str(path)}
    out = tmp_path / 'out.json'
    found = fastsam('segment', coffee, '--text', 'my mug', '--words', path,
                    '--format', 'coco', '--output', out)
    assert found.exit_code == 0, found.output
    assert len(json.loads(out.read_text())) == 1


@pytest.mark.parametrize(('arguments', 'says'), [
    ([], 'point at it'), (['--point', '1,2,3'], 'is not a point'),
    (['--point', '9999,2'], 'outside')])
def test_what_cannot_be_taught_is_said(teach, path, arguments, says):
    result = teach('my mug', *arguments)
    assert result.exit_code != 0 and not path.exists()
    assert says in result.output or says in str(result.exception)


def test_words_are_listed_shown_and_forgotten(teach, words, tmp_path):
    assert 'No word was taught yet' in words('list').stdout
    teach('my mug', '--point', '300,150')
    teach('my mug', '--point', '100,200', '--counter')
    assert json.loads(words('list', '--json').stdout) == [
        {'word': 'my mug', 'examples': 1, 'counter_examples': 1}]
    assert 'my mug' in words('list').stdout
    document = json.loads(
        words('show', 'My Mugs', '--json', '--output', tmp_path / 'shown').stdout)
    assert document['word'] == 'my mug'
    assert [example['counter'] for example in document['examples']] == [False, True]
    for example in document['examples']:
        picture = cv2.imread(str(tmp_path / 'shown' / f'{example["id"]}.jpg'))
        assert picture is not None and picture.size
    assert words('show', 'my mug').stdout.count(': it, ') == 1
    assert words('forget', 'my mug').stdout == "'my mug' is forgotten\n"
    assert words('list', '--json').stdout == '[]\n'
    assert 'was not taught' in str(words('forget', 'my mug').exception)


def test_words_are_shared(teach, words, fastsam, tmp_path):
    teach('my mug', '--point', '300,150')
    teach('spoon', '--point', '100,200')
    fleet, other = tmp_path / 'fleet.zip', tmp_path / 'other.zip'
    assert words('export', fleet, 'my mugs').stdout == f'1 word in {fleet}\n'
    assert 'is there already' in str(words('export', fleet).exception)
    result = fastsam('words', 'import', fleet, '--words', other)
    assert result.exit_code == 0, result.output
    assert list(Words(other).content()) == ['my mug']
    assert 'no file' in str(fastsam('words', 'import', tmp_path / 'no.zip').exception)


def test_a_file_of_another_network_is_learned_again_on_import(
        teach, words, fastsam, path, tmp_path):
    teach('my mug', '--point', '300,150')
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    index = json.loads(parts['words.json'])
    (example,) = index['words']['my mug']
    example['looks'] = {'f' * 64 + ':1': next(iter(example['looks'].values()))}
    fleet = tmp_path / 'fleet.zip'
    with zipfile.ZipFile(fleet, 'w') as archive:
        for name, data in {**parts, 'words.json': json.dumps(index)}.items():
            archive.writestr(name, data)
    other = tmp_path / 'other.zip'
    assert fastsam('words', 'import', fleet, '--words', other).exit_code == 0
    (example,) = Words(other).content()['my mug']
    assert len(example.looks) == 2


def test_a_damaged_file_is_named_and_left_alone(teach, words, path):
    path.write_bytes(b'PK\x03\x04 and no more')
    for run in (lambda: words('list'), lambda: words('forget', 'my mug'),
                lambda: teach('my mug', '--point', '300,150')):
        result = run()
        assert result.exit_code == 1 and 'cannot be read' in str(result.exception)
    assert path.read_bytes() == b'PK\x03\x04 and no more'
