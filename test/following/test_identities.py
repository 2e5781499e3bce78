# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Numbers that stay with their segments."""

import numpy as np
from oracles import nms
import pytest

from fastsam_ros.following import identities
from fastsam_ros.following.flow import Flow
from fastsam_ros.following.identities import PATIENCE, SAME, Identities


def frame(*boxes):
    return np.array(boxes, np.float32).reshape(-1, 4)


def turned(x):
    """The camera turned, so that the picture moved by x pixels to the right."""
    flow = Flow.none((60, 160))
    flow.movement[..., 0] = -x / 8
    return {'flow': flow, 'factor': 4}


def test_a_moving_segment_keeps_its_number():
    tracker = Identities()
    ids = [tracker.update(frame([x, 0, x + 50, 50], [200, 0, 250, 50])) for x in range(0, 60, 8)]
    assert all((i == ids[0]).all() for i in ids)
    assert len(set(ids[0].tolist())) == 2


def test_order_does_not_matter():
    tracker = Identities()
    first = tracker.update(frame([0, 0, 9, 9], [20, 20, 30, 30]))
    second = tracker.update(frame([20, 20, 30, 30], [0, 0, 9, 9]))
    np.testing.assert_array_equal(first[::-1], second)


def test_a_short_gap_is_bridged_and_a_long_one_is_not():
    tracker = Identities()
    (first,) = tracker.update(frame([0, 0, 50, 50]))
    for _ in range(PATIENCE):
        tracker.update(frame())
    assert tracker.update(frame([1, 1, 51, 51])) == first
    for _ in range(PATIENCE + 1):
        tracker.update(frame())
    assert tracker.update(frame([1, 1, 51, 51])) != first


def test_when_the_camera_turns_fast_segments_keep_their_numbers():
    identities, still = Identities(), np.arange(4)[:, None] * [150, 0, 150, 0] + [0, 0, 40, 40]
    places = (0, 40, 90, 10)
    ids = [
        identities.update(frame(*(still + [x, 0, x, 0])), **turned(x - before))
        for before, x in zip((0, *places), places)]
    assert all((i == ids[0]).all() for i in ids)


def test_of_two_in_one_box_the_coefficients_tell_which_is_which():
    identities = Identities()
    whole, part = np.eye(2, 32, dtype=np.float32)
    boxes = frame([0, 0, 100, 100], [0, 0, 96, 100])
    first = identities.update(boxes, np.stack([whole, part]))
    second = identities.update(boxes, np.stack([part, whole]))
    assert second.tolist() == first[::-1].tolist()


def test_another_segment_in_the_same_box_is_another():
    box, one, other = np.float32([[10, 10, 50, 50]]), np.eye(32)[:1], np.eye(32)[1:2]
    identities = Identities()
    first = identities.update(box, one)
    assert identities.update(box, other) != first
    assert identities.update(box, one) == first


def test_who_is_renamed_keeps_the_name():
    identities = Identities()
    old, other = identities.update(frame([0, 0, 50, 50], [100, 0, 150, 50])).tolist()
    identities.rename(old, other)
    assert identities.update(frame([0, 0, 50, 50])).tolist() == [other]


def test_boxes_move_by_the_median_of_nine_points_within_the_picture():
    rng = np.random.default_rng(2)
    flow = Flow(rng.normal(0, 3, (30, 40, 2)).astype(np.float32), (60, 80))
    low = rng.uniform(-60, 260, (50, 2))
    boxes = np.concatenate([low, low + rng.uniform(4, 150, (50, 2))], axis=1).astype(np.float32)
    before = boxes.copy()
    x, y = (np.clip((boxes[:, [axis]] + [0.25, 0.5, 0.75] * (
        boxes[:, [axis + 2]] - boxes[:, [axis]])) / 8, 0, most).astype(int)
        for axis, most in ((0, 39), (1, 29)))
    shifts = -8 * np.median(
        flow.movement[y[:, :, None], x[:, None]].reshape(50, 9, 2), axis=1)
    np.testing.assert_allclose(
        identities.moved(boxes, flow, 4), boxes + np.tile(shifts, 2), atol=1e-3)
    np.testing.assert_array_equal(boxes, before)


def test_best_pairs_are_matched_first():
    rng = np.random.default_rng(6)
    tracker, kinds = Identities(), rng.uniform(-0.2, 1, (2, 40, 32)).astype(np.float32)
    low = rng.uniform(0, 100, (2, 40, 2))
    known, boxes = np.concatenate(
        [low, low + rng.uniform(20, 90, (2, 40, 2))], axis=2).astype(np.float32)
    unit = kinds / np.linalg.norm(kinds, axis=2, keepdims=True)
    overlaps = np.array([[nms.iou(box, other) for other in known] for box in boxes])
    scores = overlaps * (unit[1] @ unit[0].T)
    wanted = {}
    for place in np.argsort(-scores, axis=None)[: np.count_nonzero(scores > SAME)].tolist():
        new, old = divmod(place, 40)
        if new not in wanted and old not in wanted.values():
            wanted[new] = old
    ids = tracker.update(known, kinds[0]).tolist()
    found = tracker.update(boxes, kinds[1]).tolist()
    assert 5 < len(wanted) < 40
    assert {new: ids.index(id) for new, id in enumerate(found) if id in ids} == wanted


@pytest.mark.parametrize('count, size', [(2, 32), (1, 8), (3, 8)])
def test_other_coefficients_than_there_are_boxes_or_were_before_are_refused(count, size):
    tracker, boxes = Identities(), frame([0, 0, 50, 50], [60, 0, 90, 50])
    tracker.update(boxes, np.ones((2, 8), np.float32))
    for number in (tracker.update, tracker.look):
        with pytest.raises(ValueError, match=r'\(2, 8\) coefficients are needed'):
            number(boxes, np.ones((count, size), np.float32))
    assert tracker.update(boxes, np.ones((2, 8), np.float32)).tolist() == [1, 2]


def test_boxes_of_another_precision_are_the_same():
    tracker, boxes = Identities(), frame([0, 0, 50, 50], [60, 0, 90, 50]).astype(np.float64)
    assert tracker.update(boxes).tolist() == tracker.update(boxes).tolist() == [1, 2]


def test_a_segment_that_moves_alone_moves_no_other():
    tracker, still = Identities(), [[200, 0, 210, 10], [300, 0, 310, 10], [400, 0, 410, 10]]
    ids = [tracker.update(frame([x, 50, x + 60, 90], *still)) for x in range(0, 90, 15)]
    assert all((i == ids[0]).all() for i in ids)


def test_a_look_finds_what_is_tracked_and_teaches_nothing():
    tracker = Identities()
    (known,) = tracker.update(frame([0, 0, 50, 50]))
    found, other = tracker.look(frame([2, 0, 52, 50], [200, 0, 250, 50]))
    assert found == known
    again, new = tracker.update(frame([0, 0, 50, 50], [200, 0, 250, 50]))
    assert again == known
    assert len({known, other, new, *tracker.fresh(3)}) == 6


def test_what_is_forgotten_is_new_and_numbers_go_on():
    tracker = Identities()
    (before,) = tracker.update(frame([0, 0, 50, 50]))
    tracker.forget()
    assert tracker.update(frame([0, 0, 50, 50])) > before


def test_numbers_are_never_shared():
    rng = np.random.default_rng(0)
    tracker = Identities()
    for _ in range(30):
        low = rng.uniform(0, 100, (40, 2))
        ids = tracker.update(frame(*np.concatenate([low, low + rng.uniform(5, 60, (40, 2))], 1)))
        assert len(np.unique(ids)) == 40
        assert ids.dtype == np.uint32
        assert ids.min() > 0


def test_after_the_last_number_they_begin_anew(monkeypatch):
    tracker = Identities()
    tracker._next = identities.LAST - 1
    numbers = tracker.fresh(4)
    assert numbers.dtype == np.uint32
    assert numbers.tolist() == [identities.LAST - 1, identities.LAST, 1, 2]
    assert tracker.update(frame((0, 0, 10, 10))).tolist() == [3]
