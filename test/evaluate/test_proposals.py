# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Average recall and covering of segments that are known."""

import json

import numpy as np
import pytest

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.evaluate import proposals
from fastsam_ros.evaluate.regions import Partitions, covering, partition_files


def run_lengths(rows, columns, shape=(4, 4)):
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return RunLengths.from_mask(mask)


def test_covering_by_hand():
    partition = np.ones((4, 4), np.uint8)
    partition[:, 3] = 2  # areas 12 and 4
    segments = [
        run_lengths(slice(None), slice(0, 2)),  # IoU 8/12 with the first, 0 with the second
        run_lengths(slice(0, 2), slice(3, 4)),  # IoU 2/4 with the second
        run_lengths(slice(None), slice(None))]  # IoU 12/16 and 4/16
    assert covering(segments, partition) == pytest.approx((12 * 0.75 + 4 * 0.5) / 16)
    assert covering([], partition) == 0
    assert covering(segments[:1], partition) == pytest.approx(12 * (8 / 12) / 16)


def test_finding_all_labels_scores_one(oracle, coco, partitions):
    found = proposals.evaluate(oracle(coco), coco)
    for name in ('AP', 'AR@10', 'AR@1000', 'box AP', 'box AR@100', 'AR@1000 small'):
        assert found.figures[name] == pytest.approx(1), name
    assert np.isnan(found.figures['AR@1000 large'])  # there is nothing large to find
    assert (found.pictures, found.figures['segments']) == (3, 1)
    assert proposals.evaluate(oracle(partitions), partitions).figures['covering'] == (
        pytest.approx(1))


def test_half_of_a_block_is_half_right(oracle, coco):
    def upper(mask):
        return mask & (np.cumsum(mask, 0) <= 12)  # 12 of 24 rows

    figures = proposals.evaluate(oracle(coco, upper), coco).figures
    assert figures['AR@100'] == pytest.approx(0.1)  # IoU 0.5: right at one of ten thresholds
    assert figures['box AR@100'] == pytest.approx(0.1)


def test_finding_nothing_scores_zero(oracle, coco, partitions):
    blind = oracle(coco, np.zeros_like), oracle(partitions, np.zeros_like)
    assert proposals.evaluate(blind[0], coco).figures['AR@100'] == 0
    assert proposals.evaluate(blind[1], partitions).figures['covering'] == 0


def test_a_limit_takes_the_first_pictures(oracle, coco):
    assert proposals.evaluate(oracle(coco), coco, limit=2).pictures == 2


def test_lvis_names_no_files_and_no_crowds(oracle, coco):
    content = json.loads((coco / 'instances.json').read_text())
    content['annotations'] = [a for a in content['annotations'] if not a.pop('iscrowd')]
    for image in content['images']:
        image['coco_url'] = 'http://images.cocodataset.org/val2017/' + image.pop('file_name')
    other = coco / 'lvis.json'
    other.write_text(json.dumps(content))
    found = proposals.evaluate(oracle(coco), coco / 'images', other)
    assert found.figures['AR@1000'] == pytest.approx(1)


@pytest.mark.parametrize('text', ['', '[]', '{}', '{"images": []}', '{"annotations": 3}'])
def test_a_file_of_another_kind_is_refused(oracle, coco, text):
    (coco / 'other.json').write_text(text)
    with pytest.raises(ParameterError, match=r'other\.json cannot be read as instances'):
        proposals.evaluate(oracle(coco), coco, coco / 'other.json')


def test_a_folder_without_labels_says_what_was_expected(oracle, coco, tmp_path):
    with pytest.raises(ParameterError, match=r'instances\.json cannot be read'):
        proposals.evaluate(oracle(coco), tmp_path / 'coco' / 'images')
    with pytest.raises(ParameterError, match='BSDS500/data'):
        Partitions.open(tmp_path)


def test_bsds_own_layout(oracle, partitions, tmp_path):
    scipy = pytest.importorskip('scipy.io')
    import cv2

    truth, images = tmp_path / 'groundTruth' / 'test', tmp_path / 'images' / 'test'
    truth.mkdir(parents=True)
    images.mkdir(parents=True)
    (images / 'a.png').write_bytes((partitions / 'images' / 'a.png').read_bytes())
    cells = np.empty((1, 2), object)
    for k in range(2):
        drawn = cv2.imread(str(partitions / 'regions' / f'a_{k}.png'), cv2.IMREAD_UNCHANGED)
        cells[0, k] = {'Segmentation': drawn.astype(np.uint16)}
    scipy.savemat(truth / 'a.mat', {'groundTruth': cells})
    found = proposals.evaluate(oracle(partitions), tmp_path)
    assert (found.pictures, found.figures['covering']) == (1, pytest.approx(1))


def test_names_that_begin_alike_are_told_apart(tmp_path):
    kept = ['room_0.png', 'room_12.png', 'room_left_0.png', 'room[1]_0.png', 'room1_0.png']
    for name in (*kept, 'room_0.txt', 'rooms_0.png'):
        (tmp_path / name).touch()
    for name, expected in (('room', kept[:2]), ('room_left', kept[2:3]), ('room[1]', kept[3:4])):
        assert [file.name for file in partition_files(tmp_path, name)] == expected
