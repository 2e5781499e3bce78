# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures of single segments."""

import numpy as np
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.text.crops import BACKGROUNDS, cut_out, thumbnail


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)


def ellipse(cx, cy, rx, ry):
    y, x = np.mgrid[:60, :80]
    return ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1


MASKS = {
    'inside': ellipse(40, 30, 20, 10),
    'tall': ellipse(40, 30, 5, 29),
    'corner': ellipse(0, 0, 30, 12),
    'pixel': ellipse(79, 59, 0.5, 0.5),
    'all': np.ones((60, 80), bool),
}


@pytest.mark.parametrize('name', MASKS)
@pytest.mark.parametrize('background', BACKGROUNDS)
def test_the_segment_is_whole_centred_and_unchanged(name, background, image):
    runs = RunLengths.from_mask(MASKS[name])
    crop = cut_out(image, runs, background)
    side = max(runs.width, runs.height)
    assert crop.shape == (side, side, 3)
    top, left = (side - runs.height) // 2, (side - runs.width) // 2
    inner = crop[top : top + runs.height, left : left + runs.width]
    np.testing.assert_array_equal(inner[runs.mask()], image[MASKS[name]])


@pytest.mark.parametrize(('background', 'value'), [('black', 0), ('white', 255)])
def test_plain_backgrounds(background, value, image):
    crop = cut_out(image, RunLengths.from_mask(MASKS['inside']), background)
    assert (crop[0] == value).all()


def test_dimmed_context_is_half_as_bright_and_blurred(image):
    runs = RunLengths.from_mask(MASKS['inside'])
    dim, blur = (cut_out(image, runs, name)[:10].astype(float) for name in ('dim', 'blur'))
    assert dim.mean() == pytest.approx(blur.mean() / 2, rel=0.02)
    assert blur.std() < image.std() / 2


def test_the_image_is_left_alone(image):
    before = image.copy()
    for mask in MASKS.values():
        for background in BACKGROUNDS:
            cut_out(image, RunLengths.from_mask(mask), background)[:] = 0
    np.testing.assert_array_equal(image, before)


def test_any_strides_will_do(image):
    runs = RunLengths.from_mask(MASKS['corner'])
    view = np.asfortranarray(image)
    np.testing.assert_array_equal(cut_out(view, runs), cut_out(image, runs))
    np.testing.assert_array_equal(thumbnail(view, runs), thumbnail(image, runs))


def test_a_thumbnail_keeps_the_mean_colour(image):
    runs = RunLengths.from_mask(MASKS['all'])
    np.testing.assert_allclose(thumbnail(image, runs).mean(axis=(0, 1)),
                               image.mean(axis=(0, 1)), atol=1)


@pytest.mark.parametrize('name', MASKS)
@pytest.mark.parametrize('background', ['dim', 'blur'])
def test_beyond_the_image_the_context_repeats_its_edge(name, background, image):
    wide = np.pad(image, ((60, 60), (60, 60), (0, 0)), 'edge')
    whole = cut_out(wide, RunLengths.from_mask(np.pad(MASKS[name], 60)), background)
    np.testing.assert_array_equal(
        cut_out(image, RunLengths.from_mask(MASKS[name]), background), whole)


def test_the_mean_colour_is_the_one_that_clip_was_trained_with(image):
    published = np.array((0.48145466, 0.4578275, 0.40821073))  # openai/CLIP, clip/clip.py
    crop = cut_out(image, RunLengths.from_mask(MASKS['inside']), 'mean')
    np.testing.assert_array_equal(crop[0, 0], np.rint(255 * published))
