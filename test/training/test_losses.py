# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The losses, on an output that is right and on outputs that are wrong in one way."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional

from training.data.batches import Batch
from training.losses.masks import choose, draw_points, logits_at
from training.losses.matching import match
from training.losses.total import Weights, total
from training.network import Output, anchors_of

BOX = (16.0, 16.0, 48.0, 48.0)


@pytest.fixture
def batch():
    """One picture of 64 x 64 with one square."""
    masks = torch.zeros(1, 32, 32, dtype=torch.bool)
    masks[0, 8:24, 8:24] = True
    return Batch(
        torch.zeros(1, 3, 64, 64, dtype=torch.uint8), torch.tensor([0]), torch.tensor([BOX]),
        masks, torch.tensor([True]), torch.tensor([-1]))


@pytest.fixture
def right(batch):
    """An output whose every anchor has the square's box and mask; its inner ones a high score."""
    points, strides = anchors_of([torch.zeros(1, 1, 64 // s, 64 // s) for s in (8, 16)],
                                 (8, 16))
    box = torch.tensor(BOX)
    distances = torch.cat((points - box[:2], box[2:] - points), -1) / strides  # (A, 4) cells
    bins = torch.arange(16.0)
    sides = 20 * (1 - (distances[..., None] - bins).abs()).clamp(min=0)  # (A, 4, 16)
    within = (distances > 0).all(-1)
    coefficients = torch.zeros(1, 32, len(points))
    coefficients[:, 0] = 1
    prototypes = torch.zeros(1, 32, 16, 16)
    prototypes[0, 0] = batch.masks[0, ::2, ::2] * 20.0 - 10
    logits = torch.where(within, 4.0, -8.0)[None, None]
    return Output(sides.reshape(1, len(points), 64).transpose(1, 2), logits, coefficients,
                  prototypes, points, strides, torch.zeros(1, 0, len(points)))


def parts(student, teacher, batch, **weights):
    torch.manual_seed(0)  # of the points at which masks are compared
    return total(student, teacher, batch, Weights(**weights), 8)[1]


def test_a_right_output_costs_little(right, batch):
    assert right.boxes()[0][match(right, right.boxes(), batch).chosen[0]].sub(
        torch.tensor(BOX)).abs().max() < 1
    cost = parts(right, None, batch)
    assert cost['box'] < 0.2
    assert cost['mask'] < 1  # logits fall from 10 to -10 within the pixels along the outline


def test_each_mistake_costs_in_its_own_part(right, batch):
    base = parts(right, None, batch)
    wrong_mask = replace(right, prototypes=-right.prototypes)
    wrong_box = replace(right, sides=right.sides.flip(1))
    assert parts(wrong_mask, None, batch)['mask'] > base['mask'] + 1
    assert parts(wrong_box, None, batch)['box'] > 5 * base['box']
    assert parts(replace(right, logits=-right.logits), None, batch)['score'] > base['score'] + 1


def test_what_has_no_label_costs_less_where_labels_are_incomplete(right, batch):
    everywhere = replace(right, logits=torch.full_like(right.logits, 4.0))
    known = parts(everywhere, None, batch)['score']
    unknown = parts(everywhere, None, replace(batch, complete=torch.tensor([False])))['score']
    assert unknown < known / 2


def test_the_teacher_holds_scores_up_and_boxes_and_masks_in_place(right, batch):
    teacher = replace(right, logits=torch.full_like(right.logits, 2.0))
    same = parts(teacher, teacher, batch)
    assert same['teacher box'] == pytest.approx(0, abs=1e-5)
    silent = replace(teacher, logits=right.logits)
    assert parts(silent, teacher, batch)['score'] > parts(silent, None, batch)['score'] + 1
    moved = replace(teacher, sides=teacher.sides.roll(1, 1), prototypes=-teacher.prototypes)
    assert parts(moved, teacher, batch)['teacher box'] > 1
    assert parts(moved, teacher, batch)['teacher mask'] > same['teacher mask'] + 1


def test_a_batch_without_labels_has_a_gradient(right, batch):
    empty = replace(
        batch, owners=batch.owners[:0], boxes=batch.boxes[:0], masks=batch.masks[:0],
        names=batch.names[:0])
    logits = right.logits.clone().requires_grad_()
    loss, cost = total(replace(right, logits=logits), None, empty, Weights(), 8)
    loss.backward()
    assert logits.grad.abs().sum() > 0
    assert cost['box'] == cost['mask'] == 0


def test_anchors_are_drawn_by_weight_and_none_twice():
    torch.manual_seed(0)
    weight = torch.tensor([[0.0, 1, 1, 1], [0, 0, 0, 1]])
    image, anchor = choose(weight, 10)
    assert list(zip(image.tolist(), anchor.tolist())) == [(0, 1), (0, 2), (0, 3), (1, 3)]
    likely = torch.tensor([[1e-6, 1.0]])
    assert all(choose(likely, 1)[1].item() == 1 for _ in range(50))


def test_logits_between_prototype_pixels_are_those_of_an_enlarged_mask(right):
    torch.manual_seed(0)
    output = replace(
        right, prototypes=torch.randn(2, 32, 16, 16), coefficients=torch.randn(2, 32, 20))
    image, anchor = torch.tensor([0, 1, 1]), torch.tensor([3, 5, 0])
    small = torch.stack([
        (output.coefficients[i, :, a, None, None] * output.prototypes[i]).sum(0)
        for i, a in zip(image, anchor)])
    full = functional.interpolate(small[:, None], scale_factor=4, mode='bilinear')[:, 0]
    x, y = torch.randint(0, 64, (2, 3, 50))
    found = logits_at(output, image, anchor, torch.stack((x, y), -1) + 0.5)
    torch.testing.assert_close(found, full[torch.arange(3)[:, None], y, x], atol=1e-4, rtol=1e-4)


def test_points_are_drawn_all_over_a_box():
    torch.manual_seed(0)
    [points] = draw_points(torch.tensor([[10.0, 20, 14, 80]]))
    assert points.amin(0).tolist() == pytest.approx([10, 20], abs=0.5)
    assert points.amax(0).tolist() == pytest.approx([14, 80], abs=0.5)


def test_an_outline_between_prototype_pixels_is_learned(right, batch):
    """The square ends in the middle of a prototype pixel; its logit there must be 0, not -10."""
    wide = batch.masks.clone()
    wide[0, 8:24, 24] = True
    half = replace(batch, masks=wide, boxes=torch.tensor([[16.0, 16, 50, 48]]))
    between = right.prototypes.clone()
    between[0, 0, 4:12, 12] = 0.0
    fitting = parts(replace(right, prototypes=between), None, half)['mask']
    assert fitting < parts(right, None, half)['mask'] - 0.1
    assert fitting < parts(replace(right, prototypes=between), None, batch)['mask'] - 0.1


def test_a_small_mask_in_a_large_box_costs_its_iou(right, batch):
    speck = torch.zeros_like(batch.masks)
    speck[0, 15:17, 15:17] = True  # 4 x 4 pixels in a box of 64 x 64
    whole = replace(batch, masks=speck, boxes=torch.tensor([[0.0, 0, 64, 64]]))
    missed = replace(right, prototypes=torch.full_like(right.prototypes, -10.0))
    assert parts(missed, None, whole, mask=1.0)['mask'] > 1


def test_a_mask_must_end_where_its_box_ends(right, batch):
    beyond = right.prototypes.clone()
    beyond[0, 0, 4:12, 12] = 10.0  # on, right of the label's box
    inner = parts(right, None, batch)['mask']
    assert parts(replace(right, prototypes=beyond), None, batch)['mask'] > inner + 1
    beyond[0, 0, 4:12, 12], beyond[0, 0, 4:12, 15] = -10.0, 10.0  # farther than the margin
    assert parts(replace(right, prototypes=beyond), None, batch)['mask'] == pytest.approx(inner)


def test_names_are_learned_from_labels_and_from_the_teacher(right, batch):
    says = torch.full((1, 3, len(right.points)), -10.0)
    says[:, 1] = 5.0
    teacher = replace(right, logits=says)
    named = replace(batch, names=torch.tensor([2]))
    student = {n: replace(right, names=torch.full_like(says, -10.0)) for n in (1, 2)}
    for n in (1, 2):
        student[n].names[:, n] = 5.0
    cost = {(n, name): parts(student[n], teacher, b)['names']
            for n in (1, 2) for name, b in (('no', batch), ('2', named))}
    assert cost[1, 'no'] < 0.5 < cost[2, 'no']  # the teacher says 1, and nobody contradicts
    assert cost[1, '2'] > 2 * cost[1, 'no']
    alone = {n: parts(student[n], None, named)['names'] for n in (1, 2)}
    assert alone[2] < 1 < alone[1]
    assert parts(student[1], None, batch)['names'] == 0  # nothing is known of any name


def test_a_teacher_tells_names_by_its_classes_or_by_its_names(right, batch):
    says = torch.full((1, 3, len(right.points)), -10.0)
    says[:, 1] = 5.0
    student = replace(right, names=torch.full_like(says, 0.5))
    by_classes, by_names = replace(right, logits=says), replace(right, names=says)
    cost = [parts(student, teacher, batch)['names'] for teacher in (by_classes, by_names, right)]
    assert cost[0] == pytest.approx(cost[1]) and cost[0] > 0.5
    assert cost[2] == 0  # it knows no names
