# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The file beside a model that says what its outputs mean."""

import json

import pytest

from fastsam_ros import models
from fastsam_ros.core.errors import ModelError
from fastsam_ros.models.metadata import Metadata, alike, metadata_file, wrote, wrote_before


def test_a_file_comes_back_as_it_was_written(tmp_path):
    path = metadata_file(tmp_path / 'mine.onnx')
    assert path.name == 'mine.meta.json'
    written = Metadata({'tv': ('screen', 'tv set'), 'knife': ()}, grow=True, apart=True)
    written.write(path)
    assert Metadata.of(tmp_path / 'mine.xml') == written
    assert list(json.loads(path.read_text())) == ['clean', 'grow', 'apart', 'names']


def test_nothing_is_known_of_a_model_without_a_file(tmp_path):
    assert Metadata.of(tmp_path / 'other.onnx') == Metadata({}, False, False, False)


@pytest.mark.parametrize('text', [
    '', '{', '[]', '3', '{"names": 3}', '{"names": ["tv"]}', '{"names": {"tv": 3}}',
    '{"names": {"tv": "screen"}}', '{"clean": "yes"}', '{"grow": null}', '{"apart": 1}'])
def test_a_broken_file_says_what_was_expected(tmp_path, text):
    path = metadata_file(tmp_path / 'x.onnx')
    path.write_text(text)
    with pytest.raises(ModelError, match=r'x\.meta\.json.*expected JSON'):
        Metadata.of(tmp_path / 'x.onnx')


def test_the_file_of_the_model_that_ships_is_as_write_makes_it(tmp_path):
    shipped = metadata_file(models.shipped())
    Metadata.read(shipped).write(tmp_path / 'again')
    assert (tmp_path / 'again').read_text() == shipped.read_text()


def test_a_marked_file_is_known_until_somebody_changes_it(tmp_path):
    path = tmp_path / 'x.meta.json'
    written = Metadata({'tv': ('screen',), 'cup': ()}, apart=True)
    written.write(path, marked=True)
    assert wrote(path) and Metadata.read(path) == written
    whole = path.read_text()
    for changed in (whole.replace('screen', 'telly'), whole + '\n', whole[:-4], '', '{}'):
        path.write_text(changed)
        assert not wrote(path)
    (tmp_path / 'link').symlink_to('x.meta.json')
    path.write_text(whole)
    assert wrote(path) and not wrote(tmp_path / 'link')


def test_files_of_earlier_releases_are_known_by_their_form(tmp_path):
    path = tmp_path / 'x.meta.json'
    Metadata({'tv': ('screen',)}, clean=True).write(path)
    whole = path.read_text()
    assert wrote_before(path) and not wrote(path)
    path.write_text(whole.replace(',\n  "apart": false', ''))  # older still
    assert wrote_before(path)
    for typed in (json.dumps(json.loads(whole)), whole.replace('"clean"', '"mine": 1,\n "clean"')):
        path.write_text(typed)
        assert not wrote_before(path)
    assert not wrote_before(tmp_path / 'missing')


def test_files_are_alike_that_say_the_same_in_the_same_order(tmp_path):
    first, second = tmp_path / 'a', tmp_path / 'b'
    Metadata({'tv': (), 'cup': ()}).write(first)
    assert not alike(first, second)
    Metadata({'tv': (), 'cup': ()}).write(second, marked=True)
    assert alike(first, second)
    Metadata({'cup': (), 'tv': ()}).write(second)
    assert not alike(first, second)
