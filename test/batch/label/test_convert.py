# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labels converted: read again by the programs that the formats are for."""

import io
import json
import tarfile

from command_line import contents
import cv2
import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
import pytest

from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.parquet import ParquetWriter, read_contents, read_rows


@pytest.fixture
def labels(label, pictures, tmp_path):
    assert label(pictures, tmp_path / 'labels').exit_code == 0
    return tmp_path / 'labels'


@pytest.fixture(scope='module')
def model():
    return FastSam(image_size=96, confidence=0.1, precision='fp32')


def test_pycocotools_reads_coco_with_the_masks_of_the_library(
    fastsam, labels, pictures, tmp_path, model
):
    path = tmp_path / 'instances.json'
    result = fastsam('convert', labels, '--to', 'coco', '-o', path, '--json')
    assert result.exit_code == 0 and json.loads(result.stdout)['pictures'] == 10
    truth = COCO(str(path))
    assert len(truth.imgs) == 10
    assert [c['name'] for c in truth.dataset['categories']] == ['object']
    for number, image in truth.imgs.items():
        masks = model(read_picture(pictures / image['file_name'])).masks()
        found = [truth.annToMask(each) for each in truth.imgToAnns[number]]
        assert np.array_equal(np.array(found, bool), masks)


def test_tars_hold_the_pictures_and_sa_1b_s_json(fastsam, labels, pictures, tmp_path, model):
    result = fastsam('convert', labels, '--to', 'webdataset', '-o', tmp_path / 'tars')
    assert result.exit_code == 0, result.exception
    samples = {}
    for path in sorted((tmp_path / 'tars').iterdir()):
        with tarfile.open(path) as tar:
            for member in tar:
                stem, _, suffix = member.name.partition('.')
                samples.setdefault(stem, {})[suffix] = tar.extractfile(member).read()
    assert len(samples) == 10
    for stem, sample in samples.items():
        assert sample['png'] == (pictures / f'{stem}.png').read_bytes()
        described = json.loads(sample['json'])
        masks = [coco_mask.decode(row['segmentation']) for row in described['annotations']]
        expected = model(read_picture(pictures / f'{stem}.png')).masks()
        assert np.array_equal(np.array(masks, bool), expected)
        assert described['image']['width'] == 90


def test_yolo_s_polygons_cover_the_largest_part_of_each_mask(
    fastsam, labels, pictures, tmp_path, model
):
    assert fastsam('convert', labels, '--to', 'yolo', '-o', tmp_path / 'yolo').exit_code == 0
    assert 'object' in (tmp_path / 'yolo' / 'data.yaml').read_text()
    compared = 0
    for path in (tmp_path / 'yolo' / 'labels').rglob('*.txt'):
        key = path.relative_to(tmp_path / 'yolo' / 'labels').with_suffix('.png')
        masks = model(read_picture(pictures / key)).masks()
        lines = path.read_text().splitlines()
        for line, mask in zip(lines, masks) if len(lines) == len(masks) else ():
            category, *numbers = line.split()
            points = np.array(numbers, float).reshape(-1, 2) * mask.shape[::-1] - 0.5
            filled = np.zeros(mask.shape, np.uint8)
            cv2.fillPoly(filled, [np.rint(points).astype(np.int32)], 1)
            parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[1]
            largest = np.bincount(parts[parts > 0]).max()
            assert category == '0' and (filled.astype(bool) & mask).sum() >= 0.9 * largest
            compared += 1
    assert compared > 20


@pytest.mark.parametrize('to', ['coco', 'webdataset', 'yolo'])
def test_nothing_is_replaced(fastsam, labels, tmp_path, to):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'mine.txt').write_text('mine')
    result = fastsam('convert', labels, '--to', to, '-o', tmp_path / 'out')
    assert result.exit_code == 2 and 'is there already' in ' '.join(result.stderr.split())
    assert contents(tmp_path / 'out') == {'mine.txt': b'mine'}


def test_what_is_no_folder_of_labels_is_refused(fastsam, tmp_path):
    result = fastsam('convert', tmp_path, '--to', 'coco', '-o', tmp_path / 'a.json')
    assert result.exit_code == 2 and 'manifest.json' in result.stderr
    result = fastsam('convert', tmp_path, '--to', 'gif', '-o', tmp_path / 'a.json')
    assert result.exit_code == 2 and 'unknown format' in result.stderr


def said(result):
    """What the command says, in one line."""
    return ' '.join(result.stderr.replace('│', ' ').split())


@pytest.fixture
def twins(label, pictures, tmp_path):
    """Labels of pictures whose names differ in their endings and dots alone."""
    folder = tmp_path / 'twins'
    folder.mkdir()
    for number, name in enumerate(['a_b.png', 'a.b.png', 'x.png', 'x.jpg', 'x-2.png'], 1):
        image = cv2.imread(str(sorted(pictures.rglob('*.png'))[number]))
        assert cv2.imwrite(str(folder / name), image)
    assert label(folder, tmp_path / 'labels', '--chunk', '9').exit_code == 0
    return tmp_path / 'labels'


def test_no_sample_of_a_tar_has_the_name_of_another(fastsam, twins, tmp_path):
    result = fastsam('convert', twins, '--to', 'webdataset', '-o', tmp_path / 'tars')
    assert result.exit_code == 0, result.exception
    (path,) = (tmp_path / 'tars').iterdir()
    with tarfile.open(path) as tar:
        found = {member.name: tar.extractfile(member).read() for member in tar}
    assert len(found) == 10
    described = {name: json.loads(data) for name, data in found.items() if name.endswith('.json')}
    for name, sample in described.items():
        key = sample['image']['file_name']
        picture = found[name.removesuffix('.json') + key[-4:]]
        assert picture == (tmp_path / 'twins' / key).read_bytes()
    assert len({sample['image']['file_name'] for sample in described.values()}) == 5


def test_two_pictures_with_one_name_of_yolo_s_are_refused(fastsam, twins, tmp_path):
    result = fastsam('convert', twins, '--to', 'yolo', '-o', tmp_path / 'yolo')
    assert result.exit_code == 2 and 'both have the labels x.txt' in said(result)
    assert not (tmp_path / 'yolo').exists()


def test_what_lies_outside_of_its_tar_is_no_picture(fastsam, label, rows, pictures, tmp_path):
    data = (pictures / '1.png').read_bytes()
    names = ['first.png', '../../outside.png', '/rooted.png', 'deep/../../up.png', 'last..png']
    with tarfile.open(tmp_path / 't.tar', 'w') as tar:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    result = label(tmp_path / 't.tar', tmp_path / 'labels', '--json')
    assert result.exit_code == 1
    failed = {row['key']: row['error'] for row in json.loads(result.stdout)['failed']}
    assert set(failed) == {f't.tar/{name}' for name in names[1:4]}
    assert all('outside of its tar' in error for error in failed.values())
    assert list(rows(tmp_path / 'labels')) == ['t.tar/first.png', 't.tar/last..png']
    result = fastsam('convert', tmp_path / 'labels', '--to', 'yolo', '-o', tmp_path / 'yolo')
    assert result.exit_code == 0, said(result)


@pytest.mark.parametrize('key', ['t.tar/../../../outside.png', '{}/outside.png'])
def test_labels_of_an_earlier_release_write_nothing_outside(fastsam, labels, tmp_path, key):
    """It read such pictures from tars."""
    (path, *_) = sorted((labels / 'labels').iterdir())
    (_, result), *_ = read_rows(path)
    about = read_contents(path).about
    with ParquetWriter(path, about) as writer:
        writer.write(key.format(tmp_path), result)
    result = fastsam('convert', labels, '--to', 'yolo', '-o', tmp_path / 'deep' / 'yolo')
    assert result.exit_code == 2 and 'outside of --output' in said(result)
    assert not list(tmp_path.rglob('outside*'))
