# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Write a text model as two graphs, so that a robot needs no torch for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import tempfile
import warnings

import numpy as np
import torch

from fastsam_ros.core.errors import ModelError, ParameterError
from fastsam_ros.media.marks import refuse_foreign
from fastsam_ros.media.partials import sweep, unfinished
from fastsam_ros.text import exported
from fastsam_ros.text.card import CARD, TOKENIZER, Card
from fastsam_ros.text.clip import ClipEncoder

OPSET = 17
ALIKE = 0.999  # cosine that the graphs' vectors must have with torch's
FORMATS = ('openvino', 'onnx')
PARTS = (CARD, TOKENIZER, *(  # of a model, its card first
    f'{graph}{ending}' for graph in exported.GRAPHS for ending in ('.onnx', '.xml', '.bin')))


class _ImageTower(torch.nn.Module):
    """(K, S, S, 3) uint8 to unit vectors: normalisation is part of the graph."""

    def __init__(self, encoder: ClipEncoder) -> None:
        super().__init__()
        self.model, self.normalised = encoder.model, encoder.normalised

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.model.encode_image(self.normalised(pixels), normalize=True)


class _TextTower(torch.nn.Module):
    """(T, context) int64 to unit vectors."""

    def __init__(self, encoder: ClipEncoder) -> None:
        super().__init__()
        self.model = encoder.model

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.model.encode_text(tokens, normalize=True)


def write(encoder: ClipEncoder, folder: Path, to: str = 'openvino') -> Path:
    """
    Write an encoder's graphs, tokenizer and card, once they were compared with it.

    :param encoder: on the CPU
    :param folder: made if need be; a text model in it is replaced, other files stay
    :param to: 'openvino' or 'onnx'
    :return: the folder
    :raises ParameterError: for another format
    :raises ModelError: when the graphs do not give what torch gives; all stays as it was
    :raises OutputError: when files in the folder that would be replaced are no text model
    """
    if to not in FORMATS:
        raise ParameterError(f'a text model is exported to {" or ".join(FORMATS)}, not to {to!r}')
    _refuse_foreign(folder)
    folder.mkdir(parents=True, exist_ok=True)
    sweep(folder)
    with unfinished(folder) as made:
        size = encoder.card.size
        pixels = torch.zeros(2, size, size, 3, dtype=torch.uint8)
        tokens = torch.from_numpy(encoder.tokenizer(['a dog', 'a cat']))
        _write_graph(_ImageTower(encoder), pixels, made / 'image', to)
        _write_graph(_TextTower(encoder), tokens, made / 'text', to)
        encoder.tokenizer.vocabulary.save(str(made / TOKENIZER), pretty=False)
        encoder.card.write(made)
        _compare(encoder, made)
        _refuse_foreign(folder)  # once more: that took minutes
        _put(made, folder)
    return folder


def _refuse_foreign(folder: Path) -> None:
    """Refuse to replace files of which no card says that they are a text model's."""
    for name in PARTS:
        refuse_foreign(folder / name, lambda path: _holds_a_model(folder))


def _holds_a_model(folder: Path) -> bool:
    try:
        Card.read(folder)
    except ModelError:
        return False
    return True


def _put(made: Path, folder: Path) -> None:
    """Replace a model: while its card is not there the folder counts for nothing."""
    for name in PARTS:
        (folder / name).unlink(missing_ok=True)
    for name in reversed(PARTS):
        if (made / name).is_file():
            os.replace(made / name, folder / name)


def _write_graph(tower: torch.nn.Module, example: torch.Tensor, stem: Path, to: str) -> None:
    if to == 'onnx':
        _write_onnx(tower, example, stem.with_suffix('.onnx'))
        return
    import openvino as ov

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / 'graph.onnx'
        _write_onnx(tower, example, path)
        graph = ov.Core().read_model(path)
        ov.save_model(graph, stem.with_suffix('.xml'))  # with weights in half precision


def _write_onnx(tower: torch.nn.Module, example: torch.Tensor, path: Path) -> None:
    with torch.no_grad(), _plain_attention(), warnings.catch_warnings():
        warnings.simplefilter('ignore')  # the tracer's, about shapes that are constant indeed
        torch.onnx.export(
            tower.eval(), (example,), str(path), opset_version=OPSET, dynamo=False,
            input_names=['input'], output_names=['vectors'],
            dynamic_axes={'input': {0: 'batch'}, 'vectors': {0: 'batch'}},
        )


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Attention spelt out: ONNX has no operator for torch's fused one."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def _compare(encoder: ClipEncoder, folder: Path) -> None:
    """Refuse graphs that give other vectors than torch."""
    written = exported.load(folder, 'cpu')
    noise = np.random.default_rng(0)
    crops = [noise.integers(0, 256, (50, 70, 3), np.uint8) for _ in range(3)]
    texts = ['a photo of a yellow dog', 'a cup']
    for kind, given in (('encode_images', crops), ('encode_text', texts)):
        here, there = getattr(encoder, kind)(given), getattr(written, kind)(given)
        cosine = float((here * there).sum(axis=1).min())
        if not cosine >= ALIKE:
            raise ModelError(
                f'the exported graph of {encoder.name} differs from torch: {kind} has a cosine '
                f'of {cosine:.4f}, expected at least {ALIKE}'
            )
