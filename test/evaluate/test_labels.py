# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labels in Parquet are scored as the model that wrote them is."""

import json

import pytest

SETTINGS = ('--confidence', '0.01', '--iou', '0.7', '--image-size', '96', '--precision', 'fp32')


def test_labels_have_the_figures_of_their_model(fastsam, coco, tmp_path):
    assert fastsam('label', coco / 'images', '-o', tmp_path / 'out', *SETTINGS).exit_code == 0
    model = fastsam('evaluate', coco, '--json', *SETTINGS)
    labels = fastsam('evaluate', coco, '--json', '--labels', tmp_path / 'out')
    assert model.exit_code == labels.exit_code == 0, labels.exception
    expected, found = (json.loads(each.stdout)['figures'] for each in (model, labels))
    assert {name for name in found if name in expected} >= {'AP', 'AR@1000', 'box AR@100'}
    for name, value in found.items():
        wanted = expected.get(name, value)
        assert value == wanted or value == pytest.approx(wanted, rel=1e-5), name
    assert str(tmp_path / 'out') in fastsam(
        'evaluate', coco, '--labels', tmp_path / 'out').stdout.replace('\n', '')


def test_labels_are_scored_by_lvis_addresses_too(fastsam, coco, tmp_path):
    assert fastsam('label', coco / 'images', '-o', tmp_path / 'out', *SETTINGS).exit_code == 0
    content = json.loads((coco / 'instances.json').read_text())
    for image in content['images']:
        image['coco_url'] = 'http://images.cocodataset.org/val2017/' + image['file_name']
    figures = []
    for name in 'coco.json', 'lvis.json':
        (tmp_path / name).write_text(json.dumps(content))
        found = fastsam('evaluate', coco / 'images', '--annotations', tmp_path / name, '--json',
                        '--labels', tmp_path / 'out')
        assert found.exit_code == 0, found.exception
        figures.append(json.loads(found.stdout)['figures'])
        for image in content['images']:
            image.pop('file_name', None)
    assert figures[0] == figures[1]


@pytest.mark.parametrize('options', [
    ['--model', 'a.onnx'], ['--image-size', '96'], ['--confidence', '0'], ['--iou', '0.5'],
    ['--max-segments', '10'], ['--precision', 'int8'], ['--device', 'cpu'], ['--trust']])
def test_labels_hear_nothing_of_a_network(fastsam, coco, tmp_path, options):
    refused = fastsam('evaluate', coco, '--labels', tmp_path / 'out', *options)
    assert refused.exit_code == 2
    assert f'{options[0]} cannot be given with --labels' in ' '.join(refused.stderr.split())


def test_labels_of_other_pictures_are_refused(fastsam, coco, pictures_elsewhere, tmp_path):
    assert fastsam('label', pictures_elsewhere, '-o', tmp_path / 'out', *SETTINGS).exit_code == 0
    refused = fastsam('evaluate', coco, '--labels', tmp_path / 'out')
    assert 'labels of none of the pictures' in str(refused.exception)
    wrong = fastsam('evaluate', coco, '--labels', tmp_path / 'out', '--task', 'points')
    assert wrong.exit_code == 2


@pytest.fixture
def pictures_elsewhere(folder):
    return folder
