# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A trained network as the ONNX file that every backend reads: float32 around float16 weights."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import nn

from fastsam_ros.export.torch_graph import write_onnx
from training import weights
from training.network import Network

TASK = {'task': 'segment', 'stride': '32'}  # what ultralytics looks for in a file


class Inference(nn.Module):
    """
    The network with its outputs decoded as FastSAM's exports have them.

    :param network: with one class or many; of many the highest score counts
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.known_names = network.names

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """
        Run and decode.

        :param images: (B, 3, H, W) RGB in 0..1, H and W multiples of 32
        :return: (B, 37, A): centre x, centre y, width, height in pixels, score in 0..1, 32
            coefficients; the prototypes (B, 32, H / 4, W / 4); and of a network that knows names
            how likely each is, (B, names, A)
        """
        output = self.network(images)
        low, high = output.boxes().transpose(1, 2).split(2, 1)
        scores = output.logits.amax(1, keepdim=True).sigmoid()
        rows = ((low + high) / 2, high - low, scores, output.coefficients)
        names = (output.names.sigmoid(),) if self.known_names else ()
        return torch.cat(rows, 1), output.prototypes, *names


def export(network: Network, path: Path, metadata: Mapping[str, str]) -> None:
    """
    Write an ONNX file with free batch, height and width.

    :param network: what to write
    :param path: the .onnx file
    :param metadata: text for the file's header
    :raises BackendError: when torch cannot export it
    """
    write_onnx(Inference(network), path, {**TASK, **metadata}, half=True)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    p = argparse.ArgumentParser(prog='python -m training.export', description=__doc__)
    p.add_argument('network', type=Path, help='a .safetensors or .pt file')
    p.add_argument('--trust', action='store_true', help='load a .pt, which is a pickle')
    p.add_argument('--out', type=Path, required=True, help='the .onnx file to write')
    return p


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line.

    :param arguments: instead of the process's own
    """
    settings = parser().parse_args(arguments)
    network = weights.load(settings.network, settings.trust)
    export(network, settings.out, {'license': 'AGPL-3.0-only'})


if __name__ == '__main__':
    main()
