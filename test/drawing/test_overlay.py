# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Overlays change what they should and nothing else."""

import cv2
import numpy as np
import pytest

from fastsam_ros.core.errors import FastSamError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing import captions
from fastsam_ros.drawing.captions import caption, write_captions
from fastsam_ros.drawing.overlay import draw, label_map
from fastsam_ros.drawing.palette import colour, colours
from fastsam_ros.drawing.style import STYLE


def disc(height, width, x, y, radius):
    rows, columns = np.mgrid[:height, :width]
    return (columns - x) ** 2 + (rows - y) ** 2 <= radius**2


@pytest.fixture
def noise():
    return np.random.default_rng(7).integers(0, 256, (120, 160, 3), dtype=np.uint8)


@pytest.fixture
def masks():
    """A large disc, a small one on it, and one by itself."""
    return [disc(120, 160, *where) for where in ((50, 60, 40), (60, 60, 12), (130, 30, 15))]


def runs_of(masks):
    return [RunLengths.from_mask(mask) for mask in masks]


def near(mask, reach=3):
    """A mask and what is next to it."""
    square = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return cv2.dilate(mask.view(np.uint8), square).astype(bool)


def test_pixels_outside_all_masks_stay_and_the_input_is_not_touched(noise, masks):
    before = noise.copy()
    result = draw(noise, runs_of(masks), [1, 2, 3])
    outside = ~near(np.logical_or.reduce(masks))
    assert np.array_equal(noise, before)
    assert np.array_equal(result[outside], noise[outside])
    assert not np.array_equal(result, noise)


def test_the_fill_is_the_blend_of_pixel_and_colour_red_first():
    grey = np.full((1200, 1600, 3), 100, np.uint8)
    small = disc(1200, 1600, 400, 400, 20)  # below the share from which fills get fainter
    result = draw(grey, runs_of([small]), [2], opacity=0.25)
    expected = 75 + 0.25 * np.array(colour(2))
    assert colour(2)[0] > colour(2)[1] + 100, 'a colour that tells red from green'
    assert np.abs(result[400, 400] - expected).max() <= 1


def test_the_larger_a_segment_the_fainter_its_fill_down_to_a_tint():
    grey = np.full((300, 400, 3), 100, np.uint8)
    strengths = []
    for radius in (8, 30, 70, 140):
        result = draw(grey, runs_of([disc(300, 400, 200, 150, radius)]), [2])
        strengths.append(int(result[150, 200, 0]) - 100)
    assert strengths == sorted(strengths, reverse=True) and len(set(strengths)) > 2
    assert 0.15 < strengths[-1] / strengths[0] < 0.5


def test_a_smaller_segment_lies_on_top_in_whatever_order_they_come(masks):
    white = np.full((120, 160, 3), 255, np.uint8)
    forth = draw(white, runs_of(masks), [1, 2, 3])
    back = draw(white, runs_of(masks[::-1]), [3, 2, 1])
    assert np.array_equal(forth, back)
    assert not np.array_equal(forth[60, 60], forth[60, 20])


def test_the_line_lies_astride_the_edge_and_is_smooth(masks):
    black = np.zeros((120, 160, 3), np.uint8)
    line = draw(black, runs_of(masks[2:]), [9], opacity=0).max(axis=2).astype(int)
    mask = masks[2]
    inner = ~near(~mask)
    edge = near(mask, 1) & near(~mask, 1)
    assert not line[inner].any() and not line[~near(mask)].any()
    assert line[edge & mask].mean() > 60 and line[edge & ~mask].mean() > 60
    shades = np.unique(line[line > 0])
    assert len(shades) > 6, 'steps of pixels are not smoothed'


def test_a_line_is_its_segments_colour_a_little_lighter():
    black = np.zeros((300, 300, 3), np.uint8)
    half = np.zeros((300, 300), bool)
    half[:, :150] = True  # what is cut by the picture's border has a line here alone
    result = draw(black, runs_of([half]), [1], opacity=0)
    brightest = result[150, 145:155].max(axis=0)
    tint = np.array(colour(1))
    expected = STYLE.line_opacity * (tint + STYLE.line_light * (255 - tint))
    assert np.abs(brightest - expected).max() <= 2


def test_a_line_belongs_to_the_smaller_of_two_segments(masks):
    black = np.zeros((120, 160, 3), np.uint8)
    result = draw(black, runs_of(masks[:2]), [1, 2], opacity=0)
    crossing = result[60, 45:52].astype(int)  # where the small disc begins on the large one
    brightest = crossing[crossing.sum(axis=1).argmax()]
    assert brightest[0] > brightest[2], 'the line has the red of id 2, not the blue of id 1'


def test_where_only_the_box_cut_a_mask_there_is_no_line():
    black = np.zeros((200, 200, 3), np.uint8)
    whole = disc(200, 200, 100, 100, 60)
    cut = whole.copy()
    cut[130:] = False  # a flat side of 104 pixels
    result = draw(black, runs_of([cut]), [1], opacity=0).any(axis=2)
    assert not result[126:134, 70:130].any()
    assert result[40, 100] and result[100, 40], 'the round parts keep theirs'
    assert draw(black, runs_of([whole]), [1], opacity=0).any(axis=2)[160, 100]


def test_a_rectangle_keeps_all_its_lines():
    black = np.zeros((200, 200, 3), np.uint8)
    door = np.zeros((200, 200), bool)
    door[50:150, 60:120] = True
    result = draw(black, runs_of([door]), [1], opacity=0).any(axis=2)
    assert all((result[50, 90], result[149, 90], result[100, 60], result[100, 119]))


def test_there_is_no_line_at_the_border_of_the_picture():
    black = np.zeros((60, 60, 3), np.uint8)
    half = np.zeros((60, 60), bool)
    half[:, :30] = True
    result = draw(black, runs_of([half]), [1], opacity=0).any(axis=2)
    assert not result[:, :25].any() and result[:, 29:31].any(axis=1).all()


@pytest.mark.parametrize(
    'label, score, words',
    [('cup', 0.617, 'cup 62 %'), ('', 0.5, '50 %'), ('searching', None, 'searching'),
     ('cup', float('nan'), 'cup')],
)
def test_captions_are_words(label, score, words):
    assert caption(label, score) == words


def test_labels_and_scores_are_written(masks):
    grey = np.full((480, 640, 3), 100, np.uint8)
    runs = runs_of([disc(480, 640, 300, 240, 150)])
    plain, labelled = draw(grey, runs, [1]), draw(grey, runs, [1], ['cup'], [0.6])
    scored = draw(grey, runs, [1], None, [0.6])
    changed = (plain != labelled).any(axis=2)
    assert changed.sum() > 300 and not np.array_equal(labelled, scored)


@pytest.mark.parametrize('one, other', [
    ((['cup'], None), (None, None)), ((['cup'], [0.6]), (['cup'], None)),
    ((['cup'], [0.6]), (['cup'], [0.9])), ((None, [0.6]), (None, [0.9]))])
def test_each_label_and_each_score_is_seen(one, other):
    grey = np.full((480, 640, 3), 100, np.uint8)
    runs = runs_of([disc(480, 640, 300, 240, 150)])
    assert not np.array_equal(draw(grey, runs, [1], *one), draw(grey, runs, [1], *other))


@pytest.mark.parametrize('count', [3, 254, 255, 256, 400])
def test_the_label_map_equals_painting_one_by_one(count):
    rng = np.random.default_rng(count)
    masks = [
        disc(90, 110, *rng.integers(0, 110, 2), int(radius))
        for radius in rng.integers(1, 25, count)
    ]
    expected = np.zeros((90, 110), int)
    for n in sorted(range(count), key=lambda n: -int(masks[n].sum())):
        expected[masks[n]] = n + 1
    assert np.array_equal(label_map(runs_of(masks), 90, 110), expected)


def test_an_empty_mask_and_no_mask_draw_nothing(noise):
    empty = RunLengths.from_mask(np.zeros((120, 160), bool))
    assert np.array_equal(draw(noise, [empty], [4], ['nothing'], [0.5]), noise)
    assert np.array_equal(draw(noise, [], []), noise)


def test_any_strides_are_read(noise, masks):
    mirrored = noise[:, ::-1]
    straight = draw(mirrored.copy(), runs_of(masks), [1, 2, 3])
    assert np.array_equal(draw(mirrored, runs_of(masks), [1, 2, 3]), straight)


@pytest.mark.parametrize('size', [(240, 320), (720, 1280)])
def test_captions_do_not_overlap_and_stay_inside(size):
    rng = np.random.default_rng(3)
    height, width = size
    masks = [disc(height, width, *rng.integers(0, height, 2), 25) for _ in range(40)]
    picture = np.zeros((height, width, 3), np.uint8)
    places = write_captions(picture, runs_of(masks), ['a cup 0.71'] * 40, colours(range(40)))
    kept = [place for place in places if place]
    assert len(kept) >= 10
    covered = np.zeros(size, int)
    for place in kept:
        assert 0 <= place.left < place.right <= width and 0 <= place.top < place.bottom <= height
        covered[place.top : place.bottom, place.left : place.right] += 1
    assert covered.max() == 1
    assert not picture[covered == 0].any(), 'ink outside the plates'


@pytest.mark.parametrize('level', [0, 255])
def test_captions_can_be_read_on_black_and_on_white(level):
    picture = np.full((300, 400, 3), level, np.uint8)
    mask = disc(300, 400, 200, 150, 90)
    (place,) = write_captions(picture, runs_of([mask]), ['cup'], colours([1]))
    plate = picture[place.top : place.bottom, place.left : place.right].mean(axis=2)
    assert np.percentile(plate, 99) - np.median(plate) > 150


@pytest.mark.parametrize('text, plain', [
    ('café', 'cafe'), ('größe', 'grosse'), ('żółć', 'zolc'), ('smørbrød', 'smorbrod')])
def test_an_opencv_that_knows_ascii_alone_draws_letters_without_accents(monkeypatch, text, plain):
    drawn = []
    monkeypatch.setattr(captions, 'ASCII_FONT', True)
    monkeypatch.setattr(cv2, 'putText', lambda picture, words, *rest: drawn.append(words))
    picture, mask = np.zeros((300, 400, 3), np.uint8), disc(300, 400, 200, 150, 140)
    write_captions(picture, runs_of([mask]), [text], colours([1]))
    monkeypatch.setattr(captions, 'ASCII_FONT', False)
    write_captions(picture, runs_of([mask]), [text], colours([1]))
    assert drawn == [plain, text]


def test_a_caption_goes_into_a_segment_that_has_room(noise):
    mask = disc(480, 640, 300, 240, 200)
    picture = np.zeros((480, 640, 3), np.uint8)
    (place,) = write_captions(picture, runs_of([mask]), ['sky'], colours([1]))
    assert mask[place.top : place.bottom, place.left : place.right].all()


@pytest.mark.parametrize(
    'change, words',
    [
        ({'ids': [1]}, '1 ids for 3 segments'),
        ({'labels': ['a']}, '1 labels for 3'),
        ({'opacity': 1.5}, 'opacity is 1.5'),
        ({'image': np.zeros((4, 4), np.uint8)}, r'shape \(4, 4\)'),
    ],
)
def test_bad_calls_say_what_is_wrong(noise, masks, change, words):
    call = {'image': noise, 'run_lengths': runs_of(masks), 'ids': [1, 2, 3], **change}
    with pytest.raises(FastSamError, match=words):
        draw(**call)
