# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Messages and services are a contract: each field explained, none changed unawares."""

from __future__ import annotations

import re

from interfaces_read import INTERFACES, read_fields
import pytest


@pytest.mark.parametrize('file', INTERFACES, ids=lambda file: file.name)
def test_every_field_has_a_comment(file):
    fields = read_fields(file)
    assert fields
    assert [line for line in fields if not re.match(r'[^#]+ # \S.{5,}', line)] == []


def test_interfaces_are_the_contract():
    fields = {
        file.name: [' '.join(line.split('#')[0].split()) for line in read_fields(file)]
        for file in INTERFACES
    }
    errors = [
        'uint8 NONE=0', 'uint8 NOT_READY=1', 'uint8 NO_CAMERA=2', 'uint8 NO_FRAME=3',
        'uint8 TOO_OLD=4', 'uint8 BAD_PROMPT=5', 'uint8 BAD_IMAGE=6', 'uint8 NO_TEXT_MODEL=7',
        'uint8 UNKNOWN_WORD=8', 'uint8 TOO_MANY=9', 'uint8 BUSY=10', 'uint8 NOTHING_THERE=11',
        'uint8 NO_SUCH_PROMPT=12', 'uint8 FAILED=255']
    which = ['string camera', 'builtin_interfaces/Time stamp', 'sensor_msgs/Image image']
    assert fields == {
        'Prompt.msg': [
            'uint8 BEST=0', 'uint8 ALL=1', 'uint8 UNION=2', 'uint8 SIMILAR=3', 'string id',
            'geometry_msgs/Point[] points', 'uint8[] labels', 'sensor_msgs/RegionOfInterest box',
            'string text', 'uint8 selection'],
        'Segmentation.msg': [
            'uint32 id', 'string prompt_id', 'float32 score', 'float32 prompt_score',
            'string label', 'float32 label_score', 'sensor_msgs/RegionOfInterest box',
            'uint32 area', 'uint32[] counts'],
        'SegmentationArray.msg': [
            'std_msgs/Header header', 'uint32 height', 'uint32 width',
            'Segmentation[] segmentations', 'PromptStatus[] prompts'],
        'PromptStatus.msg': [
            'uint8 UNKNOWN=0', 'uint8 FOLLOWED=1', 'uint8 SEARCHING=2', 'uint8 LOST=3',
            'string id', 'string camera', 'uint8 state', 'uint32[] segment_ids',
            'builtin_interfaces/Time seen', 'string message', 'Prompt[] prompts'],
        'PromptStatusArray.msg': ['std_msgs/Header header', 'PromptStatus[] prompts'],
        'Prompt.srv': [
            *which, 'Prompt[] prompts', 'bool keep', 'bool fixed',
            'builtin_interfaces/Duration lifetime', *errors, 'bool success', 'string message',
            'SegmentationArray result', 'string[] ids', 'uint8 error'],
        'ClearPrompts.srv': [
            'string[] ids', 'string camera', *errors, 'bool success', 'string message',
            'string[] cleared', 'uint8 error'],
        'Teach.srv': [
            'string word', *which, 'Prompt[] prompts', 'bool counter', 'bool forget', *errors,
            'bool success', 'string message', 'uint8 error', 'uint32 examples'],
    }
