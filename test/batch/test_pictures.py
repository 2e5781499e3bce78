# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment` on pictures: what it writes, what it asks, and what it does with bad input."""

import json

import cv2
import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
import pytest

from fastsam_ros.batch.segment import prepare
from fastsam_ros.core.errors import TextError
from fastsam_ros.drawing.overlay import draw
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.images import read_picture


@pytest.fixture(scope='module')
def model():
    return FastSam(image_size=320)


def read(path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_all_formats_hold_the_scene_of_the_library(fastsam, folder, tmp_path, photos, model):
    out = tmp_path / 'out'
    formats = [part for name in ('overlay', 'masks', 'labels', 'coco') for part in ('-f', name)]
    result = fastsam('segment', folder, '-o', out, *formats)
    assert result.exit_code == 0, result.stderr
    listed = json.loads((out / 'results.json').read_text())
    for name, place in (('cat', 'cat'), ('coffee', 'coffee'), ('rocket', 'more/rocket')):
        scene = model(photos[name])
        masks = scene.masks()
        files = sorted((out / f'{place}_masks').iterdir())
        assert np.array_equal([read(file) == 255 for file in files], masks)
        assert np.array_equal(read(out / f'{place}_labels.png'), scene.label_map())
        assert read(out / f'{place}_overlay.jpg').shape == photos[name].shape
        entries = [entry for entry in listed if entry['file_name'] == f'{place}.png']
        decoded = [coco_mask.decode(entry['segmentation']) for entry in entries]
        assert np.array_equal(np.array(decoded, bool), masks)
        assert np.allclose([entry['score'] for entry in entries], scene.scores, atol=1e-6)
        expected = [coco_mask.toBbox(entry['segmentation']).tolist() for entry in entries]
        assert [entry['bbox'] for entry in entries] == expected
        assert all(entry['segmentation']['size'] == list(masks.shape[1:]) for entry in entries)
    leftovers = [path for path in out.rglob('.*')]
    assert not leftovers


def test_edges_are_the_scenes(fastsam, folder, tmp_path, photos, model):
    result = fastsam('segment', folder, '-f', 'edges', '-o', tmp_path, '--point', '20,20')
    assert result.exit_code == 0, result.stderr
    written = read(tmp_path / 'cat_edges.png')
    assert written.dtype == np.uint8
    np.testing.assert_allclose(written, model(photos['cat']).edges() * 255, atol=0.51)
    one = fastsam('segment', folder / 'cat.png', '-f', 'edges', '-o', tmp_path / 'one.png')
    assert one.exit_code == 0, one.stderr
    assert np.array_equal(read(tmp_path / 'one.png'), written)
    (tmp_path / 'clip.mp4').touch()
    refused = fastsam('segment', tmp_path / 'clip.mp4', '-f', 'edges')
    assert refused.exit_code == 2 and 'is for pictures' in refused.stderr


def test_the_overlay_has_the_colours_of_picture_and_segments(
    fastsam, folder, tmp_path, photos, model
):
    result = fastsam('segment', folder / 'coffee.png', '-o', tmp_path)
    assert result.exit_code == 0, result.stderr
    scene = model(photos['coffee'])
    expected = draw(photos['coffee'], scene.run_lengths(), range(1, len(scene) + 1))
    written = read_picture(tmp_path / 'coffee_overlay.jpg')
    assert np.abs(written.astype(int) - expected).mean() < 3
    with Image.open(tmp_path / 'coffee_overlay.jpg') as file:
        assert file.layer[1][1:3] == (1, 1), 'colours are halved'


def test_the_overlay_of_a_prompt_has_its_marks_and_scores(fastsam, folder, tmp_path):
    asked = ('--point', '140,60', '--background', '20,20')
    result = fastsam('segment', folder / 'coffee.png', '-o', tmp_path, *asked)
    assert result.exit_code == 0, result.stderr
    written = read_picture(tmp_path / 'coffee_overlay.jpg').astype(int)
    (red, green, _), (red_off, green_off, _) = written[60, 140], written[20, 20]
    assert green > red + 50 and red_off > green_off + 50
    bare = draw(read_picture(folder / 'coffee.png'), [], [])
    plates = (written.max(axis=2) < 70) & (bare.max(axis=2) > 100)  # dark ones with captions
    assert plates.sum() > 100


def test_prompts_select_what_the_library_selects(fastsam, folder, tmp_path, photos, model):
    out = tmp_path / 'r.json'
    prompts = ('--point', '180,110', '--background', '10,10', '--selection', 'all')
    result = fastsam('segment', folder / 'cat.png', '-f', 'coco', '-o', out, *prompts)
    assert result.exit_code == 0, result.stderr
    scene = model(photos['cat'])
    answer = scene.prompt([(180, 110), (10, 10)], [1, 0], selection='all')
    listed = json.loads(out.read_text())
    assert len(answer) > 0
    got = np.array([coco_mask.decode(entry['segmentation']) for entry in listed], bool)
    assert np.array_equal(got, scene.masks(answer.indices))
    assert np.allclose([entry['prompt_score'] for entry in listed], answer.scores, atol=1e-6)


def test_separate_answers_each_prompt_by_itself(fastsam, folder, tmp_path, photos, model):
    out = tmp_path / 'r.json'
    prompts = ('--point', '180,110', '--box', '40,20,300,200', '--separate')
    result = fastsam('segment', folder / 'cat.png', '-f', 'coco', '-o', out, *prompts)
    assert result.exit_code == 0, result.stderr
    scene = model(photos['cat'])
    expected = [scene.prompt([(180, 110)]), scene.prompt(box=(40, 20, 300, 200))]
    listed = json.loads(out.read_text())
    assert [entry['prompt'] for entry in listed] == [0, 1]
    for entry, answer in zip(listed, expected):
        assert np.array_equal(coco_mask.decode(entry['segmentation']).astype(bool), answer.mask)


def test_a_union_is_one_mask_without_what_background_points_hit(fastsam, folder, tmp_path, model):
    out = tmp_path / 'out'
    prompts = ('--point', '160,100', '--point', '160,180', '--selection', 'union')
    result = fastsam('segment', folder / 'coffee.png', '-f', 'masks', '-o', out, *prompts)
    assert result.exit_code == 0, result.stderr
    (mask,) = (out / 'coffee_masks').iterdir()
    scene = model(read(folder / 'coffee.png')[..., ::-1])
    answer = scene.prompt([(160, 100), (160, 180)], selection='union')
    assert np.array_equal(read(mask) == 255, answer.mask)


def test_one_file_of_output_takes_the_name_given(fastsam, folder, tmp_path):
    out = tmp_path / 'deep' / 'painted.png'
    assert fastsam('segment', folder / 'cat.png', '-o', out).exit_code == 0
    assert read(out).shape == read(folder / 'cat.png').shape
    assert [path.name for path in out.parent.iterdir()] == ['painted.png']


def test_bad_files_are_named_at_the_end_and_the_others_done(fastsam, folder, tmp_path):
    out = tmp_path / 'out'
    whole = (folder / 'cat.png').read_bytes()
    (folder / 'cut.png').write_bytes(whole[: len(whole) // 2])
    (folder / 'text.jpg').write_text('not a picture')
    (folder / 'empty.bmp').touch()
    first = fastsam('segment', folder, '-o', out)
    assert first.exit_code == 1
    for name in ('cut.png', 'text.jpg', 'empty.bmp'):
        assert first.stderr.count(str(folder / name)) == 1
    names = {'cat_overlay.jpg', 'coffee_overlay.jpg', 'more/rocket_overlay.jpg'}
    assert {p.relative_to(out).as_posix() for p in out.rglob('*.jpg')} == names
    times = {path: path.stat().st_mtime_ns for path in out.rglob('*.jpg')}
    (folder / 'cut.png').write_bytes(whole)
    (folder / 'text.jpg').unlink()
    (folder / 'empty.bmp').unlink()
    second = fastsam('segment', folder, '-o', out, '--json')
    assert second.exit_code == 0
    summary = json.loads(second.stdout)
    assert len(summary['done']) == 4 and not summary['failed']
    assert {path: path.stat().st_mtime_ns for path in times} == times, 'done ones were done again'
    assert (out / 'cut_overlay.jpg').exists()


def test_a_point_outside_one_picture_is_its_own_failure(fastsam, folder, tmp_path):
    large = cv2.resize(read(folder / 'cat.png'), (500, 400))
    cv2.imwrite(str(folder / 'large.png'), large)
    result = fastsam('segment', folder, '-o', tmp_path / 'out', '--point', '450,350')
    assert result.exit_code == 1
    assert (tmp_path / 'out' / 'large_overlay.jpg').exists()
    assert str(folder / 'cat.png') in result.stderr and 'outside the 320x' in result.stderr


def test_pictures_are_upright_as_exif_says(fastsam, folder, tmp_path, photos):
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter when shown
    turned = folder / 'turned.png'
    Image.fromarray(photos['cat']).save(turned, exif=exif)
    out = tmp_path / 'labels.png'
    assert fastsam('segment', turned, '-f', 'labels', '-o', out).exit_code == 0
    assert read(out).shape == photos['cat'].shape[1::-1]


@pytest.mark.parametrize('mode', ['L', 'P', 'RGBA', 'CMYK', '1', 'I;16'])
def test_every_kind_of_pixel_is_read(fastsam, tmp_path, photos, mode):
    path = tmp_path / ('picture.tif' if mode == 'CMYK' else 'picture.png')
    if mode == 'I;16':
        Image.fromarray(photos['coffee'][..., 0].astype(np.uint16) * 257).save(path)
    else:
        Image.fromarray(photos['coffee']).convert(mode).save(path)
    out = tmp_path / 'r.json'
    result = fastsam('segment', path, '-f', 'coco', '-o', out, '--confidence', '0.2')
    assert result.exit_code == 0, result.stderr
    assert len(json.loads(out.read_text())) > 0


def test_names_that_would_be_the_same_are_told_apart(fastsam, folder, tmp_path, photos):
    cv2.imwrite(str(folder / 'cat.jpg'), photos['cat'])
    out = tmp_path / 'out'
    assert fastsam('segment', folder, '-o', out).exit_code == 0
    assert (out / 'cat.png_overlay.jpg').exists() and (out / 'cat.jpg_overlay.jpg').exists()


def test_the_same_name_in_two_folders_gives_two_outputs(fastsam, tmp_path, photos):
    folders = [tmp_path / name for name in ('a', 'b', 'deep/b')]
    for folder, picture in zip(folders, photos.values()):
        folder.mkdir(parents=True)
        cv2.imwrite(str(folder / '1.png'), picture[..., ::-1])
    out, formats = tmp_path / 'out', ('-f', 'labels', '-f', 'coco')
    result = fastsam('segment', *folders, '-o', out, *formats)
    assert result.exit_code == 0, result.stderr
    top = tmp_path.name
    names = ['a/1', f'{top}/b/1', 'deep/b/1']
    for name, picture in zip(names, photos.values()):
        assert read(out / f'{name}_labels.png').shape == picture.shape[:2]
    listed = json.loads((out / 'results.json').read_text())
    assert {entry['file_name'] for entry in listed} == {f'{name}.png' for name in names}


def test_names_do_not_depend_on_the_order_and_never_clash(tmp_path):
    paths = ['a/1.jpg', 'b/1.jpg', 'c/a/1.jpg', 'd/x.jpg', 'd/x.png', 'd/x.jpg.png']
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    arguments = [str(tmp_path / name) for name in 'abcd']
    names = []
    for order in (arguments, arguments[::-1]):
        sources, layout = prepare(order, tmp_path / 'out', ['labels'])
        names.append({source.path: (source.name, layout.labels(source)) for source in sources})
    assert names[0] == names[1] and len(names[0]) == len(paths)
    for column in zip(*names[0].values()):
        assert len(set(column)) == len(paths)


def test_outputs_inside_the_folder_are_not_segmented_again(fastsam, folder):
    out = folder / 'out'
    assert fastsam('segment', folder, '-o', out).exit_code == 0
    before = sorted(path.name for path in out.rglob('*.jpg'))
    assert fastsam('segment', folder, '-o', out).exit_code == 0
    assert sorted(path.name for path in out.rglob('*.jpg')) == before


def test_patterns_are_expanded_and_files_counted_once(fastsam, folder, tmp_path):
    result = fastsam(
        'segment', str(folder / 'c*.png'), folder / 'cat.png', '-o', tmp_path / 'out', '--json'
    )
    done = [row['source'] for row in json.loads(result.stdout)['done']]
    assert done == [str(folder / 'cat.png'), str(folder / 'coffee.png')]


@pytest.mark.parametrize(
    'arguments, words',
    [
        (['nowhere.jpg'], 'does not exist'),
        (['0'], '0 does not exist; for a webcam say --show'),
        (['FOLDER', '--point', '3'], 'give x,y'),
        (['FOLDER', '--point', 'a,b'], 'list of numbers'),
        (['FOLDER', '--box', '1,2,3'], 'x0,y0,x1,y1'),
        (['FOLDER', '--box', '50,50,10,10'], 'is empty'),
        (['FOLDER', '--point', 'nan,3'], 'finite'),
        (['FOLDER', '--point', '3,3', '--selection', 'some'], 'unknown selection'),
        (['FOLDER', '--format', 'gif'], "unknown format 'gif'"),
        (['FOLDER', '--format', 'bag'], 'needs bags'),
        (['FOLDER', '--output', 'one.png'], 'give a folder'),
        (['FOLDER/cat.png', '--output', 'FOLDER/cat.png'], 'is what is read'),
        (['FOLDER/cat.png', '--output', 'one.mp4'], 'give a folder'),
        (['FOLDER/cat.png', '--output', 'one.gif'], 'give a folder'),
        (['FOLDER/cat.png', '--output', 'out.svg'], 'give a folder'),
        (['FOLDER', '--selection', 'foo'], 'unknown selection'),
        (['FOLDER', '-f', 'coco', '--annotations', 'nowhere.json'], "COCO's instances"),
        (['FOLDER', '--no-such-option'], 'No such option'),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(
    fastsam, folder, tmp_path, arguments, words, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv('COLUMNS', '300')
    result = fastsam('segment', *[a.replace('FOLDER', str(folder)) for a in arguments])
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_picture_too_wide_for_jpeg_is_its_own_failure(fastsam, folder, tmp_path):
    cv2.imwrite(str(folder / 'wide.png'), np.zeros((10, 70_000, 3), np.uint8))
    for _ in range(2):
        result = fastsam('segment', folder, '-o', tmp_path / 'out')
        assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
        assert '70000x10 picture is more than .jpg holds' in result.stderr
    assert len(list((tmp_path / 'out').rglob('*_overlay.jpg'))) == 3


def test_text_without_a_text_model_says_what_to_do(fastsam, folder, tmp_path):
    result = fastsam('segment', folder, '-o', tmp_path / 'out', '--text', 'a wall')
    assert isinstance(result.exception, TextError)
    assert '--text-model' in str(result.exception) and "'a wall'" in str(result.exception)
