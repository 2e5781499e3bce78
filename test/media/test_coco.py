# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""COCO's run lengths are those that pycocotools writes."""

import json
import os

from command_line import contents
import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
import pytest

from fastsam_ros.core.errors import OutputError, ParameterError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.media import coco
from fastsam_ros.media.results import PromptState, Result, Segment, pack, unpack


def masks():
    rng = np.random.default_rng(5)
    full, corner, column, row = (np.zeros((7, 9), bool) for _ in range(4))
    full[:] = corner[6, 8] = column[:, 3] = row[2] = True
    noise = [rng.random((h, w)) < p for h, w, p in ((1, 1, 1), (13, 5, 0.5), (40, 60, 0.1))]
    large = np.zeros((900, 1100), bool)
    large[5:890, 7:1090] = True
    large[100:200, 100:1000:3] = False
    return [full, corner, column, row, *noise, large, np.zeros((4, 6), bool)]


@pytest.mark.parametrize('mask', masks(), ids=lambda mask: f'{mask.shape}-{mask.sum()}')
def test_the_text_equals_that_of_pycocotools(mask):
    expected = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))
    made = coco.encode(RunLengths.from_mask(mask), *mask.shape)
    assert made == {'size': list(mask.shape), 'counts': expected['counts'].decode()}


def test_results_survive_packing_without_loss():
    runs = [RunLengths.from_mask(mask) for mask in masks()]
    segments = tuple(
        Segment(run, n, 0.1 * n, n % 2 - 1, 1 / 3, 'größe ' * n, 'x' * n, 0.2 * n)
        for n, run in enumerate(runs)
    )
    states = PromptState('cup', 'searching', 'why', (3, 999_999_999)), PromptState('0', 'followed')
    back = unpack(pack(Result(50, 60, segments, states)))
    assert (back.height, back.width, back.states) == (50, 60, states)
    for one, other in zip(segments, back.segments, strict=True):
        assert np.array_equal(one.runs.counts, other.runs.counts)
        assert [getattr(one.runs, f) for f in ('x', 'y', 'width', 'height', 'area')] == [
            getattr(other.runs, f) for f in ('x', 'y', 'width', 'height', 'area')
        ]
        for field in ('id', 'score', 'prompt', 'prompt_score', 'label', 'thing', 'label_score'):
            assert getattr(one, field) == getattr(other, field)


def results(count, height=7, width=9):
    """Pictures of one segment each, as `write` takes them."""
    for number in range(count):
        mask = np.zeros((height, width), bool)
        mask[1:4, number : number + 3] = True
        segment = Segment(RunLengths.from_mask(mask), 1, 0.5 + number / 10)
        yield f'folder/{number}.png', None, Result(height, width, (segment,))


def test_what_is_followed_and_how_it_stands_is_listed(tmp_path):
    mask = np.ones((3, 4), bool)
    segment = Segment(RunLengths.from_mask(mask), 7, 0.5, 0, 1.0, thing='cup')
    there = Result(3, 4, (segment,), (PromptState('cup', 'followed'),))
    gone = Result(3, 4, (), (PromptState('cup', 'searching'),))
    path = tmp_path / 'results.json'
    coco.write(path, coco.Numbers(), [('clip.mp4', 0, there), ('clip.mp4', 1, gone)])
    (entry,) = json.loads(path.read_text())
    assert (entry['thing'], entry['id'], entry['frame']) == ('cup', 7, 0)
    images = json.loads((tmp_path / 'results.images.json').read_text())['images']
    assert [image['states'] for image in images] == [{'cup': 'followed'}, {'cup': 'searching'}]


def annotations(path, names, first=40):
    """COCO's instances, one a picture: a rectangle that the results above hit exactly."""
    images = [{'id': first + n, 'file_name': name, 'height': 7, 'width': 9}
              for n, name in enumerate(names)]
    rows = [{'id': n + 1, 'image_id': image['id'], 'category_id': 1, 'iscrowd': 0, 'area': 9,
             'bbox': [n, 1, 3, 3], 'segmentation': [[n, 1, n + 3, 1, n + 3, 4, n, 4]]}
            for n, image in enumerate(images)]
    path.write_text(json.dumps({
        'images': images, 'annotations': rows, 'categories': [{'id': 1, 'name': 'thing'}]}))
    return path


@pytest.mark.parametrize('count', [1, 3])
def test_pycocotools_reads_results_with_the_list_of_images_beside(tmp_path, count):
    path = tmp_path / 'results.json'
    coco.write(path, coco.Numbers(), results(count))
    truth = COCO(str(tmp_path / 'results.images.json'))
    assert sorted(truth.getImgIds()) == list(range(1, count + 1))
    assert truth.loadImgs(1)[0]['file_name'] == 'folder/0.png'
    loaded = truth.loadRes(str(path))
    assert len(loaded.getAnnIds()) == count
    rows = json.loads(path.read_text())
    assert [row['file_name'] for row in rows] == [f'folder/{n}.png' for n in range(count)]


@pytest.mark.parametrize('folder', ['', 'folder/', 'elsewhere/'])
def test_pycocotools_judges_results_by_the_annotations(tmp_path, folder):
    names = [f'{folder}{number}.png' for number in range(3)]
    path, numbers = tmp_path / 'r.json', annotations(tmp_path / 'instances.json', names)
    coco.write(path, coco.Numbers(numbers), results(3))
    truth = COCO(str(numbers))
    judge = COCOeval(truth, truth.loadRes(str(path)), 'segm')
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    assert judge.stats[0] == pytest.approx(1)


def test_a_picture_that_the_annotations_lack_has_no_rows(tmp_path):
    path = annotations(tmp_path / 'instances.json', ['0.png', '2.png'])
    numbers = coco.Numbers(path)
    coco.write(tmp_path / 'r.json', numbers, results(3))
    rows = json.loads((tmp_path / 'r.json').read_text())
    assert [row['image_id'] for row in rows] == [40, 41] and numbers.unknown == ['folder/1.png']


def test_lvis_names_pictures_by_their_addresses(tmp_path):
    url = 'http://images.cocodataset.org/val2017/{}.png'
    images = [{'id': 7 + n, 'coco_url': url.format(n)} for n in range(2)]
    (tmp_path / 'lvis.json').write_text(json.dumps({'images': images}))
    coco.write(tmp_path / 'r.json', coco.Numbers(tmp_path / 'lvis.json'), results(2))
    rows = json.loads((tmp_path / 'r.json').read_text())
    assert [row['image_id'] for row in rows] == [7, 8]


@pytest.mark.parametrize(
    'text', ['', '[]', '{"images": [{"id": 3}]}', '{"images": [3]}', '{"annotations": []}'])
def test_annotations_that_are_none_are_refused(tmp_path, text):
    (tmp_path / 'a.json').write_text(text)
    with pytest.raises(ParameterError, match="COCO's instances"):
        coco.Numbers(tmp_path / 'a.json')


def test_no_result_is_an_empty_list(tmp_path):
    coco.write(tmp_path / 'r.json', coco.Numbers(), results(0))
    assert json.loads((tmp_path / 'r.json').read_text()) == []


@pytest.mark.parametrize('before', [0, 2])
def test_an_error_on_the_way_leaves_the_old_files(tmp_path, before):
    path = tmp_path / 'results.json'
    if before:
        coco.write(path, coco.Numbers(), results(before))
    files = contents(tmp_path)

    def broken():
        yield from results(1)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        coco.write(path, coco.Numbers(), broken())
    assert contents(tmp_path) == files
    coco.write(path, coco.Numbers(), results(3))
    assert len(json.loads(path.read_text())) == 3


def test_an_end_between_the_two_files_leaves_them_known(tmp_path, monkeypatch):
    """The list of images took its place already, the results did not yet."""
    path, swap = tmp_path / 'results.json', os.replace

    def killed(source, target):
        if target == path:
            raise KeyboardInterrupt
        swap(source, target)

    coco.write(path, coco.Numbers(), results(1))
    monkeypatch.setattr(os, 'replace', killed)
    with pytest.raises(KeyboardInterrupt):
        coco.write(path, coco.Numbers(), results(2))
    monkeypatch.undo()
    coco.write(path, coco.Numbers(), results(3))
    assert len(json.loads(path.read_text())) == 3
    path.write_text('[]')
    with pytest.raises(OutputError):
        coco.refuse_foreign_results(path)
