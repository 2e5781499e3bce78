# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is taken over from the frames before, and what is not."""

from dataclasses import replace
import weakref

from made_scene import made_scene
import numpy as np
import pytest

from fastsam_ros.text.candidates import boxes_of
from fastsam_ros.text.crops import thumbnail
from fastsam_ros.text.embedding_cache import CachedEmbedding, FrameEmbeddings, reuse

BOX = (100, 100, 200, 180)


def looked_at(scene, *indices):
    """Remember a frame whose segments have been embedded."""
    runs = scene.run_lengths(list(indices))
    embeddings = {
        index: CachedEmbedding(np.full(4, index), thumbnail(scene.image, run), run.area, box)
        for index, run, box in zip(indices, runs, boxes_of(runs))}
    return FrameEmbeddings(weakref.ref(scene.extents), embeddings)


def taken_over(before, scene):
    frame = FrameEmbeddings(weakref.ref(scene.extents))
    reuse(scene, frame, before, list(range(len(scene))))
    return frame.embeddings


def test_what_is_where_it_was_and_looks_as_it_did_keeps_its_embedding():
    scene = made_scene([BOX, (10, 10, 60, 60)], [(200, 0, 0), (0, 200, 0)])
    assert sorted(taken_over([looked_at(scene, 0, 1)], scene)) == [0, 1]


@pytest.mark.parametrize('box, colour', [
    ((110, 100, 210, 180), (200, 0, 0)), ((100, 100, 188, 180), (200, 0, 0)),
    (BOX, (200, 60, 0))])
def test_what_moved_grew_or_changed_its_look_does_not(box, colour):
    known = looked_at(made_scene([BOX], [(200, 0, 0)]), 0)
    assert taken_over([known], made_scene([box], [colour])) == {}


def test_a_frame_of_which_nothing_is_known_is_passed_over():
    scene = made_scene([BOX], [(200, 0, 0)])
    assert list(taken_over([looked_at(scene), looked_at(scene, 0)], scene)) == [0]


def test_of_several_frames_the_newest_counts():
    scene = made_scene([BOX], [(200, 0, 0)])
    newest, older = looked_at(scene, 0), looked_at(scene, 0)
    older.embeddings[0] = replace(older.embeddings[0], vector=np.full(4, 9))
    assert taken_over([newest, older], scene)[0].vector.tolist() == [0, 0, 0, 0]
