# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The model that ships, in the node, is taught the cup of a photograph."""

from graph import point
import numpy as np
import pytest

from fastsam_ros.msg import Prompt, SegmentationArray
from fastsam_ros.srv import Teach

CUP = (300, 150)  # a pixel of it
WIDTH = 600  # of the photograph


@pytest.fixture(scope='module')
def robot(start_real, tmp_path_factory):
    return start_real(words=str(tmp_path_factory.mktemp('words') / 'words.zip'))


def test_it_is_found_in_the_mirror_named_on_every_topic_and_not_seen_elsewhere(
        robot, photographs):
    results = robot.mailbox(SegmentationArray, 'fastsam/segmentations')
    prompted = robot.mailbox(SegmentationArray, 'fastsam/prompted')
    photo = photographs['coffee']
    results.at(robot.publish(photo))
    request = Teach.Request(word='my mug', prompts=[point(CUP)])
    answer = robot.call(Teach, 'fastsam/teach', request)
    assert answer.success, answer.message
    mirrored = np.ascontiguousarray(photo[:, ::-1])
    stamp = robot.publish(mirrored)
    labels = [segment.label for segment in results.at(stamp).segmentations]
    assert 'my mug' in labels and 'spoon' in labels
    response = robot.prompt(Prompt(text='my mug', id='mug'), keep=True)
    (segment,) = response.result.segmentations
    box = segment.box
    assert box.x_offset <= WIDTH - CUP[0] < box.x_offset + box.width
    assert segment.label == 'my mug' and segment.label_score > 0.5
    stamp = robot.publish(mirrored)
    (kept,) = prompted.at(stamp).segmentations
    assert (kept.prompt_id, kept.label) == ('mug', 'my mug')
    empty = prompted.at(robot.publish(photographs['chelsea']))
    assert empty.segmentations == [] and empty.prompts[0].id == 'mug'
