# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labels converted: read again by the programs that the formats are for."""

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
