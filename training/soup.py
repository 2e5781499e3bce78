# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Average networks of one training.

Averaging the start and the end of a fine-tuning gives back some of what was forgotten
(https://arxiv.org/abs/2109.01903); averaging several ends helps too (https://arxiv.org/abs/2203.05482).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training import weights
from training.network import Network


@torch.no_grad()
def average(networks: Sequence[Network], shares: Sequence[float]) -> Network:
    """
    Average weights.

    :param networks: of one architecture, with as many classes each; the first is changed in place
    :param shares: of each; scaled to a sum of one
    :return: the first network
    """
    whole = sum(shares)
    states = [network.state_dict() for network in networks]
    mixed = {
        name: sum(state[name] * (share / whole) for state, share in zip(states, shares))
        for name, value in states[0].items() if value.is_floating_point()}
    networks[0].load_state_dict({**states[0], **mixed})
    return networks[0]


@torch.no_grad()
def lift(network: Network, bias: float) -> Network:
    """
    Raise or lower all scores alike, before the sigmoid; their order stays.

    :param network: changed in place
    :param bias: 1 makes a score of 0.3 one of 0.54
    :return: the same network
    """
    for branch in network.head.cv3:
        branch[-1].bias[:network.classes] += bias
    return network


@torch.no_grad()
def lift_names(network: Network, bias: float) -> Network:
    """
    Raise or lower all names alike, before the sigmoid; their order stays.

    :param network: changed in place
    :param bias: as for `lift`
    :return: the same network
    """
    for branch in network.head.cv3:
        branch[-1].bias[network.classes:] += bias
    return network


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(
        prog='python -m training.soup', description='Average networks of one training.')
    p.add_argument('parts', nargs='+', metavar='FILE=SHARE', help='networks and their shares')
    p.add_argument('--lift', type=float, default=0.0, help='added to scores before the sigmoid')
    p.add_argument(
        '--lift-names', type=float, default=0.0, help='added to names before the sigmoid')
    p.add_argument('--trust', action='store_true', help='load .pt files, which are pickles')
    p.add_argument('--out', type=Path, required=True, help='the .safetensors file to write')
    return p


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line.

    :param arguments: instead of the process's own
    """
    settings = parser().parse_args(arguments)
    files, shares = zip(*(part.rsplit('=', 1) for part in settings.parts))
    networks = [weights.load(Path(file), settings.trust) for file in files]
    mixed = average(networks, [float(share) for share in shares])
    lift_names(lift(mixed, settings.lift), settings.lift_names)
    parts = ' '.join(Path(part).name for part in settings.parts)
    weights.save(mixed, settings.out, {'average_of': parts})


if __name__ == '__main__':
    main()
