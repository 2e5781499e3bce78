# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A folder of labels belongs to whoever claims it first, and to all that ask for the same."""

from concurrent.futures import ThreadPoolExecutor
import json
import shutil
from threading import Barrier

from command_line import contents
import fsspec
import pytest

from fastsam_ros.batch.label.manifest import claim, fingerprint, read_manifest
from fastsam_ros.core.errors import OutputError
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.storage import Place

MACHINES, ROUNDS = 8, 25


def at_once(output, asked):
    """What comes of it when machines claim a folder in the same moment, each for its own."""
    barrier = Barrier(len(asked))

    def try_it(described):
        barrier.wait()
        try:
            mark = claim(Place(str(output)), described)
            place = Place(str(output)) / 'labels' / f'{described["chunk"]}.json'
            place.write_json({'written_by': 'fastsam_ros'})
        except OutputError as error:
            return error
        return mark

    with ThreadPoolExecutor(len(asked)) as machines:
        return list(machines.map(try_it, asked))


def test_any_number_of_machines_may_begin_at_once(tmp_path):
    for number in range(ROUNDS):
        output = tmp_path / str(number)
        made = at_once(output, [{'chunk': 4}] * MACHINES)
        assert len(set(made)) == 1 and isinstance(made[0], str), made
        assert sorted(path.name for path in output.iterdir()) == ['labels', 'manifest.json']


def test_of_those_that_ask_for_something_else_only_the_first_begins(tmp_path):
    for number in range(ROUNDS):
        output = tmp_path / str(number)
        made = at_once(output, [{'chunk': size} for size in range(MACHINES)])
        (mark,) = (each for each in made if isinstance(each, str))
        refused = [str(each) for each in made if each is not mark]
        assert all('made otherwise' in each for each in refused), refused
        assert read_manifest(Place(str(output))) == {'chunk': made.index(mark)}


def test_a_folder_that_another_machine_claims_while_it_is_looked_at(tmp_path, monkeypatch):
    listed = Place.list

    def slow(place):
        monkeypatch.undo()
        claim(Place(str(tmp_path / 'out')), {'chunk': 4})
        (tmp_path / 'out' / 'labels').mkdir()
        return listed(place)

    monkeypatch.setattr(Place, 'list', slow)
    (tmp_path / 'out').mkdir()
    assert claim(Place(str(tmp_path / 'out')), {'chunk': 4})


def test_an_object_store_is_claimed_too():
    memory = fsspec.filesystem('memory')
    output = Place('memory://claimed/out')
    try:
        mark = claim(output, {'chunk': 4})
        assert claim(output, {'chunk': 4}) == mark
        with pytest.raises(OutputError, match='made otherwise: chunk is 4 there and 5 here'):
            claim(output, {'chunk': 5})
        assert not (output / 'manifest.json').create_json({})
    finally:
        memory.rm('/claimed', recursive=True)


def teach(path, picture, word):
    """Teach a word the segment in the middle of a picture."""
    model = FastSam(image_size=96, confidence=0.1, precision='fp32', words=path)
    try:
        model.teach(word, model(read_picture(picture)).prompt([(40, 30)]))
    finally:
        model.close()
    return path


def test_labels_of_other_words_are_not_mixed_in(label, pictures, tmp_path):
    first = teach(tmp_path / 'first.zip', pictures / '1.png', 'my mug')
    second = teach(tmp_path / 'second.zip', pictures / '2.png', 'my mug')
    renamed = teach(tmp_path / 'renamed.zip', pictures / '1.png', 'my cup')
    assert label(pictures, tmp_path / 'out', '--words', first).exit_code == 0
    before = contents(tmp_path / 'out')
    for other in (('--words', second), ('--words', renamed), ()):
        result = label(pictures, tmp_path / 'out', *other)
        assert result.exit_code == 2
        assert 'made otherwise: words is' in ' '.join(result.stderr.replace('│', ' ').split())
    # The same words in another file, as another machine has them.
    shutil.copyfile(first, tmp_path / 'copy.zip')
    again = label(pictures, tmp_path / 'out', '--words', tmp_path / 'copy.zip')
    assert again.exit_code == 0
    assert contents(tmp_path / 'out') == before


def test_labels_without_words_go_on_where_an_earlier_release_ended(label, pictures, tmp_path):
    """Its manifest says nothing of words, and its fingerprints are the same."""
    assert label(pictures, tmp_path / 'out', '--shard', '1/2').exit_code == 0
    path = tmp_path / 'out' / 'manifest.json'
    manifest = json.loads(path.read_text())
    assert manifest['labels'].pop('words') is None
    assert manifest['fingerprint'] == fingerprint(manifest['labels'])
    path.write_text(json.dumps(manifest))
    times = {each: each.stat().st_mtime_ns for each in (tmp_path / 'out' / 'labels').iterdir()}
    assert label(pictures, tmp_path / 'out').exit_code == 0
    assert {each: each.stat().st_mtime_ns for each in times} == times
    words = teach(tmp_path / 'words.zip', pictures / '1.png', 'my mug')
    assert label(pictures, tmp_path / 'out', '--words', words).exit_code == 2
