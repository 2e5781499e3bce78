# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What `fastsam evaluate` prints beside its figures: by what protocol they were measured."""

import json

import cv2
from made_pictures import make_coco
import numpy as np
import pytest


@pytest.fixture
def folder(tmp_path, astronaut):
    """A picture that one person divided into halves."""
    for name in ('images', 'regions'):
        (tmp_path / name).mkdir()
    cv2.imwrite(str(tmp_path / 'images' / 'a.png'), astronaut[..., ::-1])
    halves = np.ones(astronaut.shape[:2], np.uint8)
    halves[:, halves.shape[1] // 2 :] = 2
    cv2.imwrite(str(tmp_path / 'regions' / 'a_0.png'), halves)
    return tmp_path


@pytest.mark.parametrize(('iou', 'suppression'), [('0.7', 'boxes and masks'), ('0.9', 'boxes')])
def test_the_protocol_says_what_suppression_compares(fastsam, folder, iou, suppression):
    settings = '--image-size', '64', '--iou', iou, '--max-segments', '20'
    result = fastsam('evaluate', str(folder), *settings, '--output', str(folder / 'a.json'))
    assert result.exit_code == 0, result.output
    assert f'NMS {iou} of {suppression}, at most 20' in ' '.join(result.stdout.split())
    assert json.loads((folder / 'a.json').read_text())['model']['suppression'] == suppression


def test_its_own_file_is_replaced_and_no_other(fastsam, folder):
    output = folder / 'new' / 'a.json'
    for _ in range(2):
        result = fastsam('evaluate', folder, '--image-size', '64', '--output', output)
        assert result.exit_code == 0, result.output
    assert json.loads(output.read_text())['written_by'].startswith('fastsam_ros')
    assert [path.name for path in output.parent.iterdir()] == ['a.json']
    output.write_text('{"mine": 1}')
    refused = fastsam('evaluate', folder, '--output', output, '--model', 'nowhere.onnx')
    assert refused.exit_code == 2 and 'not written by fastsam' in ' '.join(refused.stderr.split())
    assert output.read_text() == '{"mine": 1}'


def test_a_place_that_takes_no_file_is_refused_before_the_network_is_there(fastsam, folder):
    (folder / 'file').touch()
    for output in folder / 'file' / 'a.json', folder:
        refused = fastsam('evaluate', folder, '--output', output, '--model', 'nowhere.onnx')
        assert refused.exit_code == 2 and '--output' in refused.stderr


def test_figures_of_nothing_are_null(fastsam, tmp_path):
    folder = make_coco(tmp_path / 'coco')
    settings = folder, '--image-size', '64', '--max-segments', '5'
    result = fastsam('evaluate', *settings, '--json')
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout, parse_constant=pytest.fail)
    assert document['figures']['AR@1000 large'] is None  # there is nothing large to find
    assert 'nothing to measure' in fastsam('evaluate', *settings).stdout


@pytest.mark.parametrize(('task', 'options', 'heard'), [
    ('boxes', ['--every', '2'], 'follow'), ('words', ['--late', '1'], 'follow'),
    ('follow', ['--examples', '2'], 'words'), ('points', ['--boxes', 'JSON'], 'boxes'),
    ('edges', ['--annotations', 'JSON'], 'proposals, boxes, points, names'),
    ('follow', ['--annotations', 'JSON'], 'proposals, boxes, points, names'),
    ('words', ['--annotations', 'JSON'], 'proposals, boxes, points, names'),
    ('names', ['--labels', 'there'], 'proposals')])
def test_what_a_task_does_not_hear_is_refused(fastsam, folder, task, options, heard):
    (folder / 'a.json').write_text('{}')
    options = [str(folder / 'a.json') if word == 'JSON' else word for word in options]
    refused = fastsam('evaluate', folder, '--task', task, *options, '--model', 'nowhere.onnx')
    assert refused.exit_code == 2
    words = f'{options[0]} means something with --task {heard} alone'
    assert words in ' '.join(refused.stderr.split())
