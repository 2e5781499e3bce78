# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Sources that are not what they seem, and outputs that would take the place of a source."""

import json
import os
from pathlib import Path
import subprocess
import sys

from command_line import contents
import pytest

from fastsam_ros.batch.segment import prepare
from fastsam_ros.core.errors import ParameterError
from fastsam_ros.media.sources import Source, find_sources, is_bag


def make(base, *names):
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).touch()


def test_links_that_lead_nowhere_are_named_at_the_end_and_the_others_done(
    fastsam, folder, tmp_path
):
    for name, target in (('lost.png', '/nowhere.png'), ('loop.jpg', 'loop.jpg'),
                         ('lost.mp4', '/nowhere.mp4'), ('lost.mcap', '/nowhere.mcap')):
        (folder / name).symlink_to(target)
    out = tmp_path / 'out'
    result = fastsam('segment', folder, '-o', out, '-f', 'overlay', '-f', 'coco', '--json')
    assert result.exit_code == 1, result.exception
    summary = json.loads(result.stdout)
    assert len(summary['done']) == 3
    failed = {Path(row['source']).name for row in summary['failed']}
    assert failed == {'lost.png', 'loop.jpg', 'lost.mp4', 'lost.mcap'}
    assert len(list(out.rglob('*_overlay.jpg'))) == 3


def test_a_file_that_goes_away_meanwhile_has_a_key_and_another_once_it_is_back(tmp_path):
    path = tmp_path / 'a.png'
    gone = Source(path, 'a.png', 'picture').key
    path.touch()
    assert Source(path, 'a.png', 'picture').key != gone


def test_a_folder_that_may_not_be_looked_into_is_no_bag(tmp_path, monkeypatch):
    look = os.stat

    def refuse(path, *arguments, **options):
        if Path(path).parent == tmp_path / 'private':
            raise PermissionError(13, 'Permission denied', str(path))
        return look(path, *arguments, **options)

    make(tmp_path, 'private/metadata.yaml', 'a.png')
    monkeypatch.setattr(os, 'stat', refuse)
    assert not is_bag(tmp_path / 'private') and not is_bag(tmp_path / 'private' / 'x.mcap')
    monkeypatch.undo()
    assert is_bag(tmp_path / 'private')


@pytest.mark.parametrize('source', ['photos', 'photos/', 'photos/*.jpg', '**/*.jpg', 'link', '.'])
def test_the_folder_that_is_read_is_not_written_to(tmp_path, monkeypatch, source):
    monkeypatch.chdir(tmp_path)
    make(tmp_path, 'photos/a.jpg')
    (tmp_path / 'link').symlink_to('photos')
    with pytest.raises(ParameterError, match='give another --output'):
        prepare([source], Path('.' if source == '.' else 'photos'), ())


def test_the_command_refuses_it_as_a_usage_error_and_touches_nothing(fastsam, folder):
    before = contents(folder)
    result = fastsam('segment', folder, '-o', folder)
    assert result.exit_code == 2 and 'another --output' in ' '.join(result.stderr.split())
    assert contents(folder) == before


def test_a_pattern_leaves_out_what_an_earlier_run_has_written(tmp_path):
    make(tmp_path, 'photos/a.jpg', 'photos/out/a_overlay.jpg')
    sources = find_sources([str(tmp_path / '**' / '*.jpg')], tmp_path / 'photos' / 'out')
    assert [source.name for source in sources] == ['a.jpg']


@pytest.mark.parametrize('names, formats, output', [
    (['a.jpg', 'a_overlay.jpg'], ['overlay'], '.'),
    (['a.jpg', 'a_labels.png'], ['labels'], '.'),
    (['a.jpg', 'a_masks/000.png'], ['masks'], '.'),  # the folder would be replaced
    (['a.jpg', 'a_overlay.jpg/metadata.yaml'], ['overlay'], '.'),
    (['drive.mcap', 'drive_segmented'], ['bag'], '.'),
    (['rec/metadata.yaml', 'rec/drive.mcap'], ['bag'], 'rec'),
    (['rec/metadata.yaml', 'rec/drive.mcap'], ['bag'], 'rec/new.mcap'),
])
def test_an_output_that_would_be_a_source_is_refused(tmp_path, names, formats, output):
    make(tmp_path, *names)
    sources = [str(tmp_path / name.removesuffix('/metadata.yaml')) for name in names]
    if names[-1] == 'drive_segmented':
        (tmp_path / names[-1]).unlink()
        make(tmp_path, 'drive_segmented/metadata.yaml')
    with pytest.raises(ParameterError, match='give (another|a folder as) --output'):
        prepare(sources, tmp_path / output, formats)


def test_single_files_may_be_written_beside(tmp_path):
    make(tmp_path, 'a.jpg', 'b.jpg')
    sources, layout = prepare([str(tmp_path / 'a.jpg'), str(tmp_path / 'b.jpg')], tmp_path, ())
    assert layout.overlay(sources[0]) == tmp_path / 'a_overlay.jpg'


def test_a_picture_of_an_unknown_format_installs_nothing(tmp_path):
    """Ultralytics replaces Pillow's opener by one that has pip install what it takes to lack."""
    program = """
import sys
import PIL.Image
from fastsam_ros.media.images import read_picture
from fastsam_ros.core.errors import ImageError
PIL.Image.open = lambda *arguments: sys.exit('replaced')
try:
    read_picture(sys.argv[1])
except ImageError as error:
    print(error)
"""
    (tmp_path / 'a.jpg').write_text('not a picture')
    done = subprocess.run([sys.executable, '-c', program, tmp_path / 'a.jpg'],
                          capture_output=True, text=True, timeout=240)
    assert 'a.jpg is not a picture' in done.stdout and done.stderr == ''
