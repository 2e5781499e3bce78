# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a run says at its end, for programs."""

import json

import cv2
import pycocotools.mask
import pytest


def test_json_lists_what_was_found_in_pictures_as_files_have_it(fastsam, photographs, tmp_path):
    for name in ('chelsea', 'coffee'):
        cv2.imwrite(str(tmp_path / f'{name}.png'), photographs[name][..., ::-1])
    ended = fastsam('segment', tmp_path, '-o', tmp_path / 'out', '--json', '-f', 'coco')
    rows = json.loads(ended.stdout)['done']
    known = json.loads((tmp_path / 'out' / 'results.json').read_text())
    assert len(rows) == 2 and all(len(row['found']) == row['segments'] > 3 for row in rows)
    found = [segment for row in rows for segment in row['found']]
    assert [segment['box'] for segment in found] == [entry['bbox'] for entry in known]
    assert [segment['area'] for segment in found] == [
        pycocotools.mask.area(entry['segmentation']) for entry in known]
    assert [segment['score'] for segment in found] == pytest.approx(
        [entry['score'] for entry in known], abs=1e-4)


def test_json_says_which_prompt_a_segment_answers(fastsam, photographs, tmp_path):
    picture = tmp_path / 'coffee.png'
    cv2.imwrite(str(picture), photographs['coffee'][..., ::-1])
    ended = fastsam(
        'segment', picture, '-o', tmp_path / 'out', '--json', '--separate',
        '--point', '300,200', '--text', 'cup')
    [row] = json.loads(ended.stdout)['done']
    assert {segment['prompt'] for segment in row['found']} == {0, 1}
    assert {segment['label'] for segment in row['found']} == {'cup'}
