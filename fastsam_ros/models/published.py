# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The models that others published: where they are, how large, and their SHA-256.

A checksum stands here only when at least two independent public records of the file agree on it.
Where none was found it is None: the file can still be fetched, its SHA-256 is reported, and a
pickle then wants `trust`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ASSETS = 'https://github.com/ultralytics/assets/releases/download/v8.2.0'
HUB = 'https://huggingface.co'
APPLE = 'Apple ML Research Model Terms of Use (research only)'


@dataclass(frozen=True)
class Published:
    """
    One published file.

    :param name: what the user calls it
    :param url: where it is
    :param sha256: 64 hexadecimal digits; None: nobody vouches for one
    :param size: bytes; None: unknown
    :param licence: of the weights
    :param kind: 'segment' (a FastSAM network), 'text' (an image and text encoder) or 'tokenizer'
    :param file: its name in the models' folder
    :param architecture: of a text model, as open_clip calls it
    :param needs: names of the files that it cannot be used without
    """

    name: str
    url: str
    sha256: str | None
    size: int | None
    licence: str
    kind: str
    file: str
    architecture: str = ''
    needs: tuple[str, ...] = ()


_ALL = (
    Published(
        name='FastSAM-s.pt',
        url=f'{ASSETS}/FastSAM-s.pt',
        sha256='c9f78716a81c7aff0d608ccc73e1b82ab3aaad86005049f6a92106a0be6d0844',
        size=23_851_578,
        licence='AGPL-3.0',
        kind='segment',
        file='FastSAM-s.pt',
    ),
    Published(
        name='FastSAM-x.pt',
        url=f'{ASSETS}/FastSAM-x.pt',
        sha256='752cadc2828edb1cd4bc4f9eb587100631af06ea2108f4c9ed56df4755701e76',
        size=144_972_346,
        licence='AGPL-3.0',
        kind='segment',
        file='FastSAM-x.pt',
    ),
    Published(
        name='ViT-B-32',
        url=(
            f'{HUB}/laion/CLIP-ViT-B-32-laion2B-s34B-b79K/resolve/'
            '1a25a446712ba5ee05982a381eed697ef9b435cf/open_clip_model.safetensors'
        ),
        sha256='ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6',
        size=605_143_316,
        licence='MIT',
        kind='text',
        file='ViT-B-32-laion2b.safetensors',
        architecture='ViT-B-32',
    ),
    Published(
        name='ViT-B-32-openai',
        url=(
            f'{HUB}/timm/vit_base_patch32_clip_224.openai/resolve/'
            'a6f597a30f7b82c51704746581f9a4e41421e878/open_clip_model.safetensors'
        ),
        sha256='e6d1bd7789aa45192b3bf90570a789b478bae1b74ebcce7eddd908e83a2b7c31',
        size=605_143_284,
        licence='MIT',
        kind='text',
        file='ViT-B-32-openai.safetensors',
        architecture='ViT-B-32-quickgelu',
    ),
    Published(
        name='MobileCLIP2-S0',
        url=(
            f'{HUB}/timm/MobileCLIP2-S0-OpenCLIP/resolve/'
            '095906d28bf54d7584dc411e8ffe448f34289e05/open_clip_model.safetensors'
        ),
        sha256='ab91a1a0c4330d6b1913e24d5035dfdea15423316aaec649610c6b1c6ddd0e95',
        size=None,
        licence=APPLE,
        kind='text',
        file='MobileCLIP2-S0.safetensors',
        architecture='MobileCLIP2-S0',
    ),
    Published(
        name='MobileCLIP2-S2',
        url=(
            f'{HUB}/apple/MobileCLIP2-S2/resolve/'
            '72424e7025436db18f15c3eff6ee8c7c15ad4481/mobileclip2_s2.pt'
        ),
        sha256='37c2d839a856491f2fcc82c40dc28672dbd0907235b4cd4c38dfff6457f0c09f',
        size=398_071_149,
        licence=APPLE,
        kind='text',
        file='MobileCLIP2-S2.pt',
        architecture='MobileCLIP2-S2',
    ),
    Published(
        name='ViT-B-32-SigLIP2-256',
        url=(
            f'{HUB}/timm/ViT-B-32-SigLIP2-256/resolve/'
            'cd1efb47643f2794413dd79ef24397c175032780/open_clip_model.safetensors'
        ),
        sha256=None,
        size=None,
        licence='Apache-2.0',
        kind='text',
        file='ViT-B-32-SigLIP2-256.safetensors',
        architecture='ViT-B-32-SigLIP2-256',
        needs=('SigLIP2-tokenizer',),
    ),
    Published(
        name='SigLIP2-tokenizer',
        url=(
            f'{HUB}/timm/ViT-B-32-SigLIP2-256/resolve/'
            'cd1efb47643f2794413dd79ef24397c175032780/tokenizer.json'
        ),
        sha256=None,
        size=None,
        licence='Apache-2.0',
        kind='tokenizer',
        file='SigLIP2-tokenizer.json',
    ),
)

PUBLISHED: Mapping[str, Published] = MappingProxyType({model.name: model for model in _ALL})

# The larger model was published under this name too.
ALIASES: Mapping[str, str] = MappingProxyType(
    {
        'FastSAM': 'FastSAM-x.pt',
        'FastSAM.pt': 'FastSAM-x.pt',
        'FastSAM-s': 'FastSAM-s.pt',
        'FastSAM-x': 'FastSAM-x.pt',
    }
)
