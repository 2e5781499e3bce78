# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What this program wrote is told from what anybody else did, and only that is replaced."""

import av
from command_line import contents, make_movie
import cv2
import numpy as np
from PIL import Image
import pytest

from fastsam_ros.core.errors import OutputError
from fastsam_ros.media.marks import is_ours, mark, refuse_foreign

PICTURES = ['a.png', 'a.jpg', 'a.bmp', 'a.webp', 'a.tif', 'a.ppm', 'a.PNG']


@pytest.mark.parametrize('name', PICTURES)
def test_a_marked_picture_is_read_as_before_until_somebody_edits_it(tmp_path, photos, name):
    path = tmp_path / name
    cv2.imwrite(str(path), photos['cat'])
    before = cv2.imread(str(path))
    assert not is_ours(path)
    mark(path)
    assert is_ours(path)
    assert np.array_equal(cv2.imread(str(path)), before)
    with Image.open(path) as image:
        image.load()
    image.save(path)
    assert not is_ours(path)


@pytest.mark.parametrize('name', ['a.mp4', 'a.mov', 'a.mkv'])
def test_a_marked_video_is_read_as_before(tmp_path, photos, name):
    path = tmp_path / name
    make_movie(path, photos['coffee'])
    before = path.stat().st_size
    mark(path)
    assert is_ours(path) and path.stat().st_size > before
    with av.open(str(path)) as container:
        assert len(list(container.decode(video=0))) == 8


def test_a_folder_is_ours_when_every_file_is(tmp_path):
    for name in ('x/000.png', 'x/deep/001.png'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / name), np.zeros((4, 4, 3), np.uint8))
        mark(tmp_path / name)
    assert is_ours(tmp_path / 'x')
    (tmp_path / 'x/deep/notes.txt').touch()
    assert not is_ours(tmp_path / 'x')
    with pytest.raises(OutputError, match='holds files'):
        refuse_foreign(tmp_path / 'x')


def test_a_link_is_not_ours(tmp_path):
    cv2.imwrite(str(tmp_path / 'a.png'), np.zeros((4, 4, 3), np.uint8))
    mark(tmp_path / 'a.png')
    (tmp_path / 'b.png').symlink_to('a.png')
    assert is_ours(tmp_path / 'a.png') and not is_ours(tmp_path / 'b.png')


OUTPUTS = [('cat_overlay.jpg', 'overlay'), ('cat_labels.png', 'labels'),
           ('cat_masks/000.png', 'masks'), ('results.json', 'coco'),
           ('results.images.json', 'coco')]


@pytest.mark.parametrize('name, kind', [*OUTPUTS, ('cat_masks/mine.txt', 'masks')])
def test_what_somebody_else_wrote_is_never_replaced(fastsam, folder, tmp_path, name, kind):
    out = tmp_path / 'out'
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text('[{"mine": true}]')
    before = contents(out)
    result = fastsam('segment', folder / 'cat.png', '-f', kind, '-o', out)
    assert result.exit_code == 2 and 'not written' in result.stderr
    assert contents(out) == before


@pytest.mark.parametrize('name, kind', OUTPUTS)
def test_what_this_program_wrote_is_replaced_until_somebody_edits_it(
    fastsam, folder, tmp_path, name, kind
):
    out = tmp_path / 'out'
    for confidence in ('0.4', '0.3'):
        result = fastsam('segment', folder / 'cat.png', '-f', kind, '-o', out,
                         '--confidence', confidence)
        assert result.exit_code == 0, result.stderr
    edited = (out / name).read_bytes().replace(b'"width": 320', b'"width": 321') + b'\n'
    (out / name).write_bytes(edited)
    refused = fastsam('segment', folder / 'cat.png', '-f', kind, '-o', out)
    assert refused.exit_code == 2
    assert (out / name).read_bytes() == edited


def test_an_exported_model_replaces_no_other(fastsam, tmp_path):
    arguments = ('export', '--to', 'onnx', '-o', tmp_path, '--image-size', '64', '--json')
    (tmp_path / 'fastsam-n.onnx').write_bytes(b'mine')
    refused = fastsam(*arguments)
    assert isinstance(refused.exception, OutputError)
    assert (tmp_path / 'fastsam-n.onnx').read_bytes() == b'mine'
    (tmp_path / 'fastsam-n.onnx').unlink()
    for _ in range(2):
        assert fastsam(*arguments).exit_code == 0
