# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The file beside a model that says what its outputs mean."""

import json

import pytest

from fastsam_ros import models
from fastsam_ros.core.errors import ModelError
from fastsam_ros.models.metadata import Metadata, metadata_file


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
