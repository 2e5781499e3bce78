# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which layers learn, and which two networks have in common."""

from __future__ import annotations

import re

from torch import nn

from training.network import Network

# What can be trained: parameters by their names as ultralytics has them: backbone 0 to 9, neck 10
# to 21, head 22 with scores and names (cv3), mask coefficients (cv4) and prototypes.
TRAINED = {
    'all': r'\.',
    'head': r'^model\.model\.\d\d\.',
    'masks': r'\.(cv4|proto)\.',
    'names': r'\.cv3\.\d\.2\.',
}


def have_same_layers(first: Network, second: Network, layers: int) -> bool:
    """
    Compare weights.

    :param layers: how many from the input on; below 0: all but so many
    """
    ours, theirs = (
        list(network.model.model[:layers].parameters()) for network in (first, second))
    return len(ours) == len(theirs) and all(a.equal(b) for a, b in zip(ours, theirs))


def choose_trained(network: Network, part: str) -> dict[str, nn.Parameter]:
    """
    Switch gradients on for what is trained, off for the rest.

    :param part: one of TRAINED
    :return: these parameters by their names
    """
    wanted = re.compile(TRAINED[part])
    for name, value in network.named_parameters():
        value.requires_grad_(bool(wanted.search(name)) and '.dfl.' not in name)
    return {name: v for name, v in network.named_parameters() if v.requires_grad}
