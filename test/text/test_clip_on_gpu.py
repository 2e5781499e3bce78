# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Crops on their way through a text model on a GPU that is not there: see `fake_cuda`."""

from types import SimpleNamespace

from fake_cuda import CUDA, fake_gpu
import numpy as np
import pytest
import torch

from fastsam_ros.text.card import Card

pytestmark = pytest.mark.filterwarnings('ignore:CUDA is not available')  # of torch's autocast
SIZE, WIDTH = 48, 32
CARD = Card(
    name='small', size=SIZE, mean=(0.5, 0.5, 0.5), std=(0.2, 0.2, 0.2), interpolation='bicubic',
    resize_mode='shortest', context=77, start=49406, end=49407, padding=0, clean='lower',
    scale=100.0)


@pytest.fixture(scope='module')
def encoder_of(open_clip):
    """Make an encoder of two functions; `open_clip` is what its module needs."""
    from fastsam_ros.text.clip import ClipEncoder

    def make(tokenizer=None, **towers):
        return ClipEncoder(SimpleNamespace(**towers), CARD, tokenizer, str(CUDA))

    return make


def test_crops_wait_once_for_all_of_their_vectors(encoder_of):
    def tower(pixels, normalize):
        seen.append((pixels.device, pixels.dtype, tuple(pixels.shape)))
        return torch.empty(len(pixels), WIDTH, dtype=torch.float16, device=CUDA)

    seen, crops = [], [np.zeros((side, side, 3), np.uint8) for side in (20, 77, 500)]
    with fake_gpu() as gpu:
        encoder = encoder_of(encode_image=tower)
        gpu.waits.clear()
        vectors = encoder.encode_images(crops)
    assert gpu.waits == ['cpu']
    assert seen == [(CUDA, torch.float32, (3, 3, SIZE, SIZE))]
    assert (vectors.shape, vectors.dtype) == ((3, WIDTH), np.float32)


@pytest.mark.parametrize('texts', [1, 5])
def test_texts_wait_for_their_vectors(encoder_of, texts):
    def tower(tokens, normalize):
        assert (tokens.device, tokens.dtype) == (CUDA, torch.int64)
        return torch.empty(len(tokens), WIDTH, dtype=torch.float16, device=CUDA)

    with fake_gpu() as gpu:
        encoder = encoder_of(
            lambda texts: np.zeros((len(texts), 77), np.int64), encode_text=tower)
        gpu.waits.clear()
        assert encoder.encode_text(['a dog'] * texts).shape == (texts, WIDTH)
    assert gpu.waits == ['upload', 'cpu']  # once a text: its vector is kept
