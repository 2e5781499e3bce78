# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
torchvision beside a torch that it was not compiled for.

Its transforms are plain Python and work anyway, but importing it asks for two operators of its
compiled part. They are declared here, and the one that anybody uses is written out.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys

import pytest

_libraries = []  # an operator lives as long as the library that declared it


def supply() -> None:
    """Make `import torchvision` work; skips the test where it is not installed at all."""
    import torch

    fake = sys.modules.get('torchvision')
    if fake is not None and getattr(fake, '__file__', None) is None:
        _forget()
    if importlib.util.find_spec('torchvision') is None:
        pytest.skip('torchvision is not installed, and open_clip needs it')
    try:
        importlib.import_module('torchvision.transforms')
    except RuntimeError:
        _forget()
        library = torch.library.Library('torchvision', 'FRAGMENT')
        for name in ('nms', 'qnms'):
            library.define(f'{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor')
        library.impl('nms', _nms, 'CPU')
        _libraries.append(library)
        importlib.import_module('torchvision.transforms')
        sys.modules['torchvision.extension']._has_ops = lambda: True  # it has them now


def _forget() -> None:
    for name in [name for name in sys.modules if name.split('.')[0] == 'torchvision']:
        del sys.modules[name]


def _nms(boxes, scores, iou_threshold):
    """Greedy suppression: (N, 4) x0, y0, x1, y1 and (N,) to the indices that stay."""
    import torch

    order = scores.argsort(descending=True, stable=True)
    kept = []
    while len(order):
        first, order = order[0], order[1:]
        kept.append(first)
        low = torch.maximum(boxes[first, :2], boxes[order, :2])
        high = torch.minimum(boxes[first, 2:], boxes[order, 2:])
        shared = (high - low).clamp(min=0).prod(dim=1)
        areas = (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
        order = order[shared / (areas[first] + areas[order] - shared) <= iou_threshold]
    return torch.stack(kept) if kept else order
