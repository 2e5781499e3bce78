# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""An export replaces what is its own alone, and only by what was compared with its source."""

import os

from command_line import contents
import pytest

from fastsam_ros import models
from fastsam_ros.core.errors import ModelError, OutputError
from fastsam_ros.export import formats, run
from fastsam_ros.export.parity import Parity
from fastsam_ros.export.request import ExportRequest
from fastsam_ros.models.metadata import Metadata, metadata_file

SHIPPED = models.shipped()


@pytest.fixture
def wanted(tmp_path):
    """The model that ships, for OpenVINO."""
    return ExportRequest(SHIPPED, 'openvino', tmp_path / 'out', image_size=64)


@pytest.fixture
def written(wanted):
    """What an export wrote: name -> bytes."""
    formats.export(wanted)
    names = {'fastsam-n.xml', 'fastsam-n.bin', 'fastsam-n.meta.json'}
    assert set(contents(wanted.folder)) == names
    return contents(wanted.folder)


@pytest.mark.parametrize('to, name', [
    ('openvino', 'fastsam-n.bin'), ('openvino', 'fastsam-n.xml'),
    ('openvino', 'fastsam-n.meta.json'), ('onnx', 'fastsam-n.meta.json'),
    ('onnx', 'fastsam-n.onnx')])
def test_nobody_else_s_file_is_replaced(tmp_path, to, name):
    (tmp_path / name).write_text('{"names": {"mine": []}}')
    with pytest.raises(OutputError, match=f'{name} is there already'):
        formats.export(ExportRequest(SHIPPED, to, tmp_path, image_size=64))
    assert contents(tmp_path) == {name: b'{"names": {"mine": []}}'}


def test_what_appears_while_it_is_built_is_not_replaced_either(wanted):
    with pytest.raises(OutputError, match='is there already'), formats.exporting(wanted):
        (wanted.folder / 'fastsam-n.bin').write_text('mine')
    assert contents(wanted.folder) == {'fastsam-n.bin': b'mine'}


def test_an_export_is_replaced_by_the_next(wanted, written):
    """Also metadata that this release wrote of another, and what an earlier release wrote."""
    beside = metadata_file(wanted.path)
    for marked in (True, False):
        Metadata({'other': ()}).write(beside, marked)
        formats.export(wanted)
        assert set(contents(wanted.folder)) == set(written)
        assert beside.read_bytes() == written[beside.name]
    Metadata({'other': ()}).write(beside, marked=True)
    beside.write_text(beside.read_text().replace('other', 'mine'))
    with pytest.raises(OutputError, match='meta.json is there already'):
        formats.export(wanted)


def test_metadata_that_says_the_same_stays_as_it_is(wanted, written):
    text = ' ' + metadata_file(SHIPPED).read_text()
    metadata_file(wanted.path).write_text(text)
    formats.export(wanted)
    assert metadata_file(wanted.path).read_text() == text


def test_what_does_not_say_what_its_source_says_replaces_nothing(wanted, written, monkeypatch):
    looked = []

    def compare(source, path, images, size):
        looked.extend([path.name, set(contents(path.parent)) == set(written)])
        return Parity(0.1, 3, 3)

    monkeypatch.setattr(run, 'compare', compare)
    with pytest.raises(ModelError, match='is not written, as it would not say'):
        run.run(wanted, (), None, True)
    assert looked == ['fastsam-n.xml', True]
    assert contents(wanted.folder) == written


@pytest.mark.parametrize('moved', [1, 2, 3])
def test_ended_between_two_files_no_two_are_there_that_do_not_fit(
    wanted, written, monkeypatch, moved
):
    """And the next export replaces what was left."""
    Metadata({'other': ()}).write(metadata_file(wanted.path), marked=True)

    class Killed(BaseException):
        pass

    move, moves = os.replace, []

    def kill(source, target):
        moves.append(target)
        if len(moves) > moved:
            raise Killed
        move(source, target)

    monkeypatch.setattr(os, 'replace', kill)
    with pytest.raises(Killed):
        formats.export(wanted)
    assert not wanted.path.exists()
    monkeypatch.undo()
    formats.export(wanted)
    assert set(contents(wanted.folder)) == set(written) and wanted.path.is_file()
