# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
An int8 network from a user's own pictures, by post-training quantisation with NNCF.

What decodes the outputs stays in float: sums over distance bins, boxes in pixels and sigmoids
have ranges that 256 steps cannot hold. So do the last convolutions of each branch, which cost
next to nothing, and the multiplications of SiLU.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
import logging
from pathlib import Path
import sys

import numpy as np
import openvino as ov

from fastsam_ros.core.errors import BackendError, ImageError, ParameterError
from fastsam_ros.core.letterbox import Letterbox
from fastsam_ros.media.images import read_picture

LEAST, MOST = 8, 300  # pictures: fewer say too little, more change nothing
FLOAT_TYPES = ['Multiply', 'Subtract', 'Sigmoid']
ENDS = {'Constant', 'Parameter', 'ShapeOf'}  # of the way back; behind them are no pixels


def quantise(model: ov.Model, pictures: Sequence[Path], image_size: int) -> ov.Model:
    """
    Quantise weights and activations to int8.

    :param model: takes (B, 3, H, W) float32, 0 to 1
    :param pictures: like those that the network will see
    :param image_size: longer side of the network's input, pixels
    :return: the quantised network
    :raises BackendError: when NNCF is not installed
    :raises ParameterError: when there are too few pictures
    """
    try:
        import nncf
    except ModuleNotFoundError as error:
        raise BackendError('int8 needs NNCF, which is not installed: pip install nncf') from error
    logging.getLogger('nncf').setLevel(logging.WARNING)
    inputs = list(_inputs(pictures[:MOST], image_size))
    if len(inputs) < LEAST:
        raise ParameterError(
            f'{len(inputs)} pictures are too few to calibrate with: give --calibration a folder '
            f'of at least {LEAST}, better 100, like those that the network will see'
        )
    scope = nncf.IgnoredScope(types=FLOAT_TYPES, names=fragile(model), validate=False)
    with redirect_stdout(sys.stderr):  # its bars are no output of ours
        return nncf.quantize(
            model,
            nncf.Dataset(inputs),
            preset=nncf.QuantizationPreset.MIXED,
            subset_size=len(inputs),
            ignored_scope=scope,
        )


def _inputs(pictures: Sequence[Path], image_size: int) -> Iterator[np.ndarray]:
    """Pictures as the network sees them; those that can't be read are left out."""
    for path in pictures:
        try:
            image = read_picture(path)
        except ImageError:
            continue
        letterbox = Letterbox.fit(*image.shape[:2], image_size)
        padded = np.empty((letterbox.input_height, letterbox.input_width, 3), np.uint8)
        letterbox.apply(image, padded)
        yield padded.transpose(2, 0, 1)[None].astype(np.float32) / 255


def fragile(model: ov.Model) -> list[str]:
    """
    What has to stay in float: everything from the outputs back to the last convolutions.

    :param model: the network
    :return: names of its operations
    """
    names: set[str] = set()
    waiting = [output.get_node().input_value(0).get_node() for output in model.outputs]
    while waiting:
        node = waiting.pop()
        if node.get_friendly_name() in names or node.get_type_name() in ENDS:
            continue
        names.add(node.get_friendly_name())
        if node.get_type_name() not in ('Convolution', 'GroupConvolution') or _sums_bins(node):
            waiting += [value.get_node() for value in node.input_values()]
    return sorted(names)


def _sums_bins(node: ov.Node) -> bool:
    """Whether a convolution is the fixed one that takes the mean of a distribution over bins."""
    weights = node.input_value(1).get_node()
    while weights.get_type_name() == 'Convert':
        weights = weights.input_value(0).get_node()
    if weights.get_type_name() != 'Constant':
        return False
    values = weights.data.ravel()
    return np.array_equal(values, np.arange(len(values), dtype=values.dtype)) and len(values) > 1
