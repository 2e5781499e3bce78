# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Text models of open_clip, in torch."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
import json
from pathlib import Path

import numpy as np
import torch

from fastsam_ros.backends.cuda.transfer import send
from fastsam_ros.core.errors import BackendError, ModelError, TextError
from fastsam_ros.text.card import TOKENIZER, Card
from fastsam_ros.text.pictures import resized
from fastsam_ros.text.tokens import Tokenizer, clip_vocabulary
from fastsam_ros.text.weights import Weights

try:
    import open_clip
except RuntimeError as error:  # a torchvision that does not fit this torch says so like that
    raise BackendError(
        f'open_clip cannot be loaded here ({error}): install a torchvision that fits torch '
        f'{torch.__version__}'
    ) from error

# Token ids of tokenizers that open_clip takes from elsewhere: before, after, and for the rest.
_SPECIAL = {'siglip2': (None, 1, 0), 'siglip': (None, 1, 1)}
_CLIP_SPECIAL = (49406, 49407, 0)


class ClipEncoder:
    """
    An open_clip model.

    :param model: the network, in eval mode, on its device
    :param card: what it expects
    :param tokenizer: its tokenizer
    :param device: where it is
    """

    def __init__(
        self, model: torch.nn.Module, card: Card, tokenizer: Tokenizer, device: str = 'cpu'
    ) -> None:
        self.model, self.card, self.tokenizer = model, card, tokenizer
        self.name, self.scale, self.device = card.name, card.scale, device
        as_column = {'dtype': torch.float32, 'device': device}
        self._mean = torch.tensor(card.mean, **as_column).view(3, 1, 1)
        self._std = torch.tensor(card.std, **as_column).view(3, 1, 1)

    def encode_text(self, texts: Sequence[str]) -> np.ndarray:
        """See `Encoder.encode_text`."""
        tokens = torch.from_numpy(self.tokenizer(texts)).to(self.device)
        return self._run(self.model.encode_text, tokens)

    def encode_images(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        """See `Encoder.encode_images`."""
        on_device = self.device.startswith('cuda') and all(c.shape[0] == c.shape[1] for c in crops)
        if on_device:
            pixels = resized_by_torch(crops, self.card, self.device)
        else:
            pixels = torch.from_numpy(resized(crops, self.card)).to(self.device)
        return self._run(self.model.encode_image, self.normalised(pixels))

    def normalised(self, pixels: torch.Tensor) -> torch.Tensor:
        """(K, S, S, 3) of 0 to 255 as the network takes it: (K, 3, S, S) float32."""
        return (pixels.permute(0, 3, 1, 2).float() / 255 - self._mean) / self._std

    def _run(self, tower: torch.nn.Module, inputs: torch.Tensor) -> np.ndarray:
        half = self.device.startswith('cuda')
        try:
            with torch.inference_mode(), torch.autocast('cuda', torch.float16, enabled=half):
                vectors = tower(inputs, normalize=True)
        except RuntimeError as error:  # such as out of memory
            raise BackendError(
                f'{self.name} could not be run on {self.device}: {error}'
            ) from error
        return vectors.float().cpu().numpy()


def resized_by_torch(crops: Sequence[np.ndarray], card: Card, device: str) -> torch.Tensor:
    """
    Resize square pictures on a GPU; within one step of 255 of what Pillow gives.

    :param crops: K, each (h, h, 3) uint8 RGB
    :return: (K, size, size, 3) float32, whole numbers of 0 to 255
    """
    pixels = []
    for crop in crops:
        picture = send(np.ascontiguousarray(crop), torch.device(device))
        picture = picture.permute(2, 0, 1)[None].float()
        # Columns, then rows, each cut to whole numbers in range, as Pillow does it.
        for shape in ((len(crop), card.size), (card.size, card.size)):
            picture = torch.nn.functional.interpolate(
                picture, shape, mode=card.interpolation, antialias=True)
            picture = picture.round().clamp(0, 255)
        pixels.append(picture)
    return torch.cat(pixels).permute(0, 2, 3, 1)


def load(weights: Weights, name: str, device: str = 'auto') -> ClipEncoder:
    """
    Load a model.

    :param weights: where it comes from
    :param name: what the user calls it
    :param device: auto, cpu, cuda or cuda:N
    :raises TextError: when open_clip has no such model, or it needs files from a hub
    :raises ModelError: when a file is missing or does not fit
    :raises BackendError: when the device is not there
    """
    device = _device(device)
    config = _config(weights)
    try:
        model = open_clip.create_model(
            weights.architecture,
            str(weights.path) if weights.path else None,
            require_pretrained=True,
        )
    except Exception as error:  # open_clip, torch and safetensors raise whatever came
        reason = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
        raise ModelError(
            f'{weights.path or name} does not hold weights of {weights.architecture}, or only a '
            f'part of them: {reason}'
        ) from error
    return wrap(model, config, name, weights, device)


def wrap(
    model: torch.nn.Module, config: dict, name: str, weights: Weights, device: str = 'cpu'
) -> ClipEncoder:
    """
    An encoder of an open_clip model that is already there.

    :param config: the model's, as open_clip's `get_model_config` gives it
    """
    card = _card(model, config, name, weights)
    if weights.tokenizer is not None:
        tokenizer = Tokenizer.read(weights.tokenizer, card)
    else:
        simple = open_clip.SimpleTokenizer()
        tokenizer = Tokenizer(clip_vocabulary(simple.encoder, simple.bpe_ranks), card)
    model = _folded(model.eval().requires_grad_(False)).to(device)
    return ClipEncoder(model, card, tokenizer, device)


def _device(device: str) -> str:
    cards = [f'cuda:{index}' for index in range(torch.cuda.device_count())]
    known = ['cpu', 'cuda', *cards] if cards else ['cpu']
    if device == 'auto':
        return 'cuda' if cards else 'cpu'
    if device.lower() not in known:
        raise BackendError(
            f'text device {device!r} was asked for and torch has {", ".join(known)} here; '
            'cuda needs a GPU of NVIDIA, and a torch built for it'
        )
    return device.lower()


def _config(weights: Weights) -> dict:
    """
    The model's configuration.

    :raises TextError: when there is none, or parts of the model would have to come from a hub
    """
    if weights.architecture.startswith('local-dir:'):
        folder = Path(weights.architecture.partition(':')[2])
        config = _local_config(folder)
    else:
        config = open_clip.get_model_config(weights.architecture)
    if config is None:
        raise TextError(
            f'open_clip {open_clip.__version__} has no model {weights.architecture!r}; '
            '`python -c "import open_clip; print(open_clip.list_models())"` shows what it has'
        )
    text = config['text_cfg']
    if 'hf_model_name' in text:
        raise TextError(
            f'{weights.architecture}: its text network is fetched from a hub, which this program '
            'never does; choose another model'
        )
    if text.get('hf_tokenizer_name') and weights.tokenizer is None:
        raise TextError(
            f'{weights.architecture} has a tokenizer of its own: put its {TOKENIZER} beside the '
            'weights'
        )
    return config


def _local_config(folder: Path) -> dict:
    try:
        return json.loads((folder / 'open_clip_config.json').read_text())['model_cfg']
    except (ValueError, KeyError) as error:
        raise ModelError(f'{folder}/open_clip_config.json is broken: {error!r}') from error


def _card(model: torch.nn.Module, config: dict, name: str, weights: Weights) -> Card:
    picture = {**model.visual.preprocess_cfg, **_published_picture(weights)}
    text = config['text_cfg']
    kind = str(text.get('hf_tokenizer_name', '')).lower()
    own = next((ids for key, ids in _SPECIAL.items() if key in kind), None)
    if kind and own is None:
        raise TextError(f'{name}: the tokenizer {kind} is not known to this program')
    size = picture['size']
    height, width = (size, size) if isinstance(size, int) else size
    if height != width:
        raise TextError(f'{name} takes {width}x{height} pixels: only square ones are supported')
    start, end, padding = own or _CLIP_SPECIAL
    options = text.get('tokenizer_kwargs', {})
    return Card(
        name=name, size=height, mean=tuple(picture['mean']), std=tuple(picture['std']),
        interpolation=picture['interpolation'], resize_mode=picture['resize_mode'],
        context=text.get('context_length', 77), start=start, end=end, padding=padding,
        clean=options.get('clean', 'whitespace' if kind else 'lower'),
        scale=float(model.logit_scale.detach().exp()),
    )


def _published_picture(weights: Weights) -> dict:
    """
    How pictures are prepared for an architecture.

    open_clip keeps that with the weights that it fetches itself and falls back to CLIP's where
    weights come from a file, which is wrong for MobileCLIP and SigLIP.
    """
    tags = open_clip.list_pretrained_tags_by_model(weights.architecture)
    if not tags:
        return {}
    known = open_clip.get_pretrained_cfg(weights.architecture, tags[0])
    keys = ('mean', 'std', 'interpolation', 'resize_mode')
    return {key: known[key] for key in keys if known.get(key) is not None}


def _folded(model: torch.nn.Module) -> torch.nn.Module:
    """MobileCLIP's training-time branches folded into one: the same function, faster."""
    if not any(hasattr(module, 'reparameterize') for module in model.modules()):
        return model
    from timm.utils.model import reparameterize_model

    return reparameterize_model(deepcopy(model))
