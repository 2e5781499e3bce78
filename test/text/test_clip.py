# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Text models of open_clip: the real library, tokenizer and transforms, small random weights."""


from dataclasses import replace

from made_scene import made_scene
import numpy as np
from PIL import Image
import pytest
from small_clip import CONFIG, NAME

from fastsam_ros.core.errors import BackendError
from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.text.crops import cut_out
from fastsam_ros.text.matcher import TextMatcher
from fastsam_ros.text.pictures import resized

TEXTS = [
    'a photo of the yellow dog',
    "it's a Dog's  life, 42 cats!",
    'naïve café – 東京 😀',
    'tabs\tand\nlines',
    '&amp; <b> &lt;hi',
    '“curly” ‘quotes’ and ﬁne ａｂ',
    'A_b-c: d/e (f) [g] #1 $5.99',
    '',
    'word ' * 100,
    'x' * 500,
]


def photograph(height, width):
    rng = np.random.default_rng(height * 1000 + width)
    return rng.integers(0, 256, (height, width, 3), np.uint8)


@pytest.fixture
def crops():
    return [photograph(*size) for size in ((48, 48), (20, 30), (91, 40), (7, 300), (200, 200))]


def test_tokens_are_those_of_open_clip(encoder, open_clip):
    expected = open_clip.get_tokenizer(NAME)(TEXTS).numpy()
    np.testing.assert_array_equal(encoder.tokenizer(TEXTS), expected)


def test_a_text_cannot_smuggle_in_control_tokens(encoder):
    tokens = encoder.tokenizer(['<end_of_text> dog <start_of_text>'])[0].tolist()
    assert tokens.count(encoder.card.end) == tokens.count(encoder.card.start) == 1


@pytest.mark.parametrize('mode', ['shortest', 'longest', 'squash'])
@pytest.mark.parametrize('interpolation', ['bicubic', 'bilinear'])
def test_pictures_are_those_of_open_clips_own_transform(
    mode, interpolation, encoder, crops, open_clip
):
    import torch

    from fastsam_ros.text.clip import ClipEncoder

    card = type(encoder.card)(**{**vars(encoder.card), 'resize_mode': mode,
                                 'interpolation': interpolation})
    transform = open_clip.image_transform(
        card.size, is_train=False, mean=card.mean, std=card.std,
        resize_mode=mode, interpolation=interpolation)
    expected = torch.stack([transform(Image.fromarray(crop)) for crop in crops])
    ours = ClipEncoder(encoder.model, card, encoder.tokenizer).normalised(
        torch.from_numpy(resized(crops, card)))
    np.testing.assert_allclose(ours.numpy(), expected.numpy(), atol=1e-3)


@pytest.mark.parametrize('interpolation', ['bicubic', 'bilinear'])
def test_pictures_made_on_a_gpu_are_one_step_away_at_most(interpolation, encoder):
    from fastsam_ros.text.clip import resized_by_torch

    card = type(encoder.card)(**{**vars(encoder.card), 'interpolation': interpolation})
    squares = [photograph(side, side) for side in (20, 48, 131, 300)]
    ours = resized_by_torch(squares, card, 'cpu').numpy()
    assert np.abs(ours - resized(squares, card)).max() <= 1


@pytest.mark.parametrize('background', ['black', 'white'])
def test_a_segments_picture_equals_one_made_with_pillow(background, encoder, open_clip):
    import torch

    image = photograph(240, 320)
    y, x = np.mgrid[:240, :320]
    mask = ((x - 150) / 90) ** 2 + ((y - 100) / 40) ** 2 <= 1
    # By Pillow alone: black out, cut to the mask, put in the middle of a square, transform.
    fill = {'black': 0, 'white': 255}[background]
    left, top, right, bottom = Image.fromarray(mask).getbbox()
    masked = Image.composite(
        Image.fromarray(image), Image.new('RGB', (320, 240), (fill,) * 3), Image.fromarray(mask))
    side = max(right - left, bottom - top)
    square = Image.new('RGB', (side, side), (fill,) * 3)
    place = ((side - right + left) // 2, (side - bottom + top) // 2)
    square.paste(masked.crop((left, top, right, bottom)), place)
    card = encoder.card
    transform = open_clip.image_transform(card.size, is_train=False, mean=card.mean, std=card.std)
    crop = cut_out(image, RunLengths.from_mask(mask), background)
    ours = encoder.normalised(torch.from_numpy(resized([crop], card)))[0]
    np.testing.assert_allclose(ours.numpy(), transform(square).numpy(), atol=1e-3)


def test_red_and_blue_are_not_swapped(encoder):
    import torch

    crop = np.zeros((60, 60, 3), np.uint8)
    crop[..., 0] = 255
    red, green, blue = encoder.normalised(torch.from_numpy(resized([crop], encoder.card)))[0]
    mean, std = encoder.card.mean, encoder.card.std
    np.testing.assert_allclose(red, (1 - mean[0]) / std[0], atol=1e-5)
    np.testing.assert_allclose(green, -mean[1] / std[1], atol=1e-5)
    np.testing.assert_allclose(blue, -mean[2] / std[2], atol=1e-5)


def test_a_batch_equals_one_by_one(encoder, crops):
    batch = encoder.encode_images(crops)
    single = np.concatenate([encoder.encode_images([crop]) for crop in crops])
    np.testing.assert_allclose(batch, single, atol=1e-5)
    batch = encoder.encode_text(TEXTS)
    single = np.concatenate([encoder.encode_text([text]) for text in TEXTS])
    np.testing.assert_allclose(batch, single, atol=1e-5)


def test_vectors_have_unit_length(encoder, crops):
    for vectors in (encoder.encode_images(crops), encoder.encode_text(TEXTS)):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_vectors_are_open_clips(encoder, crops, open_clip, weights):
    import torch

    model, _, transform = open_clip.create_model_and_transforms(NAME, str(weights))
    model.eval()
    pictures = torch.stack([transform(Image.fromarray(crop)) for crop in crops])
    with torch.no_grad():
        images = model.encode_image(pictures, normalize=True).numpy()
        texts = model.encode_text(open_clip.get_tokenizer(NAME)(TEXTS), normalize=True).numpy()
    np.testing.assert_allclose(encoder.encode_images(crops), images, atol=1e-4)
    np.testing.assert_allclose(encoder.encode_text(TEXTS), texts, atol=1e-5)


def test_kept_vectors_give_what_fresh_ones_give(encoder):
    rng = np.random.default_rng(5)
    boxes = [(10, 10, 90, 70), (100, 100, 160, 200), (200, 20, 310, 120)]
    scene = made_scene(boxes, [(0, 0, 0)] * 3)
    scene.image[:] = rng.integers(0, 256, scene.image.shape)
    matcher, everything = TextMatcher(encoder), np.arange(3)
    for text in ('a dog', 'cat, bird', 'a dog -cat'):
        kept, labels = matcher.match(scene, text, everything)
        again, _ = matcher.match(replace(scene), text, everything)
        fresh, other = TextMatcher(encoder).match(scene, text, everything)
        np.testing.assert_array_equal(kept, again)
        np.testing.assert_allclose(kept, fresh, atol=1e-5)
        assert labels == other


def test_mobileclip_is_folded_and_keeps_its_own_colours(open_clip):
    import torch

    from fastsam_ros.text.clip import wrap
    from fastsam_ros.text.weights import Weights

    torch.manual_seed(0)
    name = 'MobileCLIP2-S0'
    model = open_clip.create_model(name, text_cfg=CONFIG['text_cfg']).eval()  # small, for speed
    encoder = wrap(model, open_clip.get_model_config(name), name, Weights(name, None, None))
    assert encoder.card.mean == (0, 0, 0)
    assert encoder.card.std == (1, 1, 1)
    assert encoder.card.interpolation == 'bilinear'
    pixels = torch.rand(1, 3, 256, 256)
    with torch.no_grad():
        cosine = (model.encode_image(pixels, normalize=True)
                  * encoder.model.encode_image(pixels, normalize=True)).sum(dim=1)
    assert cosine.min() > 0.9999


def test_a_run_that_fails_is_said(encoder, monkeypatch):
    from fastsam_ros.text import clip

    monkeypatch.setattr(clip, 'resized', lambda *_: np.zeros((1, 7, 7, 3), np.uint8))
    with pytest.raises(BackendError, match='could not be run'):
        encoder.encode_images([np.zeros((9, 9, 3), np.uint8)])
