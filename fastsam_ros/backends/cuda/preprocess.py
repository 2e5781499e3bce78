# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Images into the network's input, on the device."""

from __future__ import annotations

import torch
from torch.nn.functional import interpolate

from fastsam_ros.core.letterbox import Letterbox


def fit(image: torch.Tensor, letterbox: Letterbox, out: torch.Tensor) -> None:
    """
    `Letterbox.apply` on the device: the same within one grey level.

    :param image: (height, width, 3) uint8
    :param letterbox: of the image
    :param out: (input_height, input_width, 3) uint8, grey; the image is written into it
    """
    height, width = letterbox.resized
    inner = out[letterbox.top : letterbox.top + height, letterbox.left : letterbox.left + width]
    if (height, width) == tuple(image.shape[:2]):
        inner.copy_(image)
        return
    channels_first = image.permute(2, 0, 1)[None].float()
    resized = interpolate(channels_first, (height, width), mode='bilinear', align_corners=False)
    inner.copy_(resized[0].round_().clamp_(0, 255).permute(1, 2, 0))
