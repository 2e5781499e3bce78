# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Recall of the graphs of engines, on what the network itself finds."""

import json

import cv2

from benchmark.gpu import engine_graphs
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode
from fastsam_ros.models import resolve


def test_graphs_of_engines_find_what_the_model_finds(photographs, tmp_path, capsys):
    picture = cv2.resize(photographs['coffee'], (320, 240))
    cv2.imwrite(str(tmp_path / 'coffee.jpg'), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])
    model = FastSam(device='cpu', precision='fp32', image_size=192, confidence=0.5, iou=0.7)
    scene = model(picture)
    truth = {
        'images': [{'id': 1, 'file_name': 'coffee.jpg', 'height': 240, 'width': 320}],
        'categories': [{'id': 1, 'name': 'thing'}],
        'annotations': [{
            'id': number, 'image_id': 1, 'category_id': 1, 'iscrowd': 0, 'area': runs.area,
            'bbox': [runs.x, runs.y, runs.width, runs.height],
            'segmentation': encode(runs, 240, 320)}
            for number, runs in enumerate(scene.run_lengths(), 1)]}
    labels = tmp_path / 'labels.json'
    labels.write_text(json.dumps(truth))
    found = engine_graphs.recalls(resolve(''), [tmp_path / 'coffee.jpg'], labels, 192)
    assert found['fp32'] > 0.9
    assert found['fp16'] > 0.9
    assert 0.5 < found['int8'] <= 1
    assert engine_graphs.main(
        [str(tmp_path), '--labels', str(labels), '--image-size', '192']) == 0
    assert f'| int8 | {found["int8"]:.3f} |' in capsys.readouterr().out
