# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""YOLOv8-seg networks as torch modules, from .pt checkpoints and .safetensors files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
import importlib.metadata
from pathlib import Path
import re

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
import torch
import yaml

from fastsam_ros.core.errors import ModelError

ARCHITECTURE = re.compile(r'yolov8([nsmlx])-seg\.yaml')  # the letter is the size
BINS = 16  # distances that a box's side is a mixture of, where nobody says otherwise


@contextmanager
def torchvision_is_optional() -> Iterator[None]:
    """
    Let ultralytics be imported without torchvision, of which it only asks the version then.

    A torchvision for another build of torch fails at its import, and nothing here needs it.
    """
    version = importlib.metadata.version

    def patched(name: str) -> str:
        try:
            return version(name)
        except importlib.metadata.PackageNotFoundError:
            if name != 'torchvision':
                raise
            return f'0.{int(torch.__version__.split(".")[1]) + 15}.0'  # the one for this torch

    importlib.metadata.version = patched
    try:
        yield
    finally:
        importlib.metadata.version = version


with torchvision_is_optional():
    from ultralytics.nn.tasks import SegmentationModel, load_checkpoint
    from ultralytics.utils import ROOT


def load_module(path: Path) -> SegmentationModel:
    """
    A network in evaluation mode, float32, on the CPU.

    :param path: a .pt checkpoint of ultralytics or FastSAM, which must be trusted already, since
        loading it runs the code it holds; or a .safetensors file
    :raises ModelError: when the file is broken, or holds anything but a segmentation network
    """
    try:
        if path.suffix == '.safetensors':
            return _from_safetensors(path)
        module, _ = load_checkpoint(path)
    except ModelError:
        raise
    except Exception as error:  # unpickling may raise anything
        raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error
    if not isinstance(module, SegmentationModel):
        raise ModelError(
            f'{path.name} is not a FastSAM network: it holds a {type(module).__name__}, '
            'expected a YOLOv8-seg network')
    module.known_names = getattr(module, 'known_names', 0)
    return module.eval()


def build(
    architecture: str, classes: int, width: int | None = None, bins: int = BINS
) -> SegmentationModel:
    """
    An untrained network.

    :param architecture: ultralytics' name of it, such as yolov8n-seg.yaml
    :param classes: scores an anchor
    :param width: channels of the class branch are as for that many classes; None: as for `classes`
    :param bins: distances that each side of a box is a mixture of (`reg_max`)
    :raises ModelError: for another architecture, or bins that this ultralytics cannot build
    """
    model = SegmentationModel(_layers(architecture, bins), nc=width or classes, verbose=False)
    if model.model[-1].reg_max != bins:
        raise ModelError(
            f'this ultralytics builds networks with {model.model[-1].reg_max} distances a side '
            f'alone, not with {bins}: pip install -U ultralytics-opencv-headless')
    model.known_names = 0
    if width and width != classes:
        set_classes(model, classes)
    return model


def _layers(architecture: str, bins: int) -> dict:
    """
    What ultralytics builds a network from.

    Its entries are code to ultralytics, so nothing but its own file is read: it would take one of
    any name, and one that lies in the current folder before its own.
    """
    known = ARCHITECTURE.fullmatch(architecture)
    if known is None:
        raise ModelError(
            f'{architecture!r} is no architecture of FastSAM: expected yolov8n-seg.yaml, or s, m, '
            'l or x in place of the n')
    file = ROOT / 'cfg' / 'models' / 'v8' / 'yolov8-seg.yaml'
    layers = yaml.safe_load(file.read_text(encoding='utf-8'))
    return {**layers, 'scale': known[1], 'yaml_file': architecture, 'reg_max': bins}


def set_classes(model: SegmentationModel, classes: int) -> None:
    """
    Give the class branch fresh last layers with another number of outputs.

    :param model: changed in place
    :param classes: scores an anchor
    """
    head = model.model[-1]
    for branch in head.cv3:
        branch[-1] = torch.nn.Conv2d(branch[-1].in_channels, classes, 1)
    head.nc = model.nc = classes
    head.no = classes + 4 * head.reg_max
    model.names = {i: 'object' if classes == 1 else str(i) for i in range(classes)}
    model.known_names = 0


def add_names(model: SegmentationModel, layers: Sequence[torch.nn.Conv2d]) -> None:
    """
    Let the class branch's last layers say names too, after the score: `known_names` of them.

    :param model: with one class; changed in place
    :param layers: a level each: 1x1 convolutions of the features that the score comes from
    """
    head, names = model.model[-1], layers[0].out_channels
    joined = [_side_by_side(branch[-1], layer) for branch, layer in zip(head.cv3, layers)]
    set_classes(model, 1 + names)
    for branch, layer in zip(head.cv3, joined):
        branch[-1] = layer
    model.known_names = names


def _side_by_side(*layers: torch.nn.Conv2d) -> torch.nn.Conv2d:
    """One 1x1 convolution with the outputs of all."""
    outputs = sum(layer.out_channels for layer in layers)
    both = torch.nn.Conv2d(layers[0].in_channels, outputs, 1)
    with torch.no_grad():
        both.weight.copy_(torch.cat([layer.weight for layer in layers]))
        both.bias.copy_(torch.cat([layer.bias for layer in layers]))
    return both


def _from_safetensors(path: Path) -> SegmentationModel:
    """A network whose architecture the file's header names."""
    try:
        with safe_open(str(path), 'pt') as file:
            header = file.metadata() or {}
        state = load_file(str(path))
    except (SafetensorError, OSError) as error:
        raise ModelError(f'{path} cannot be read, it may be truncated: {error}') from error
    classes, width = _shape(path, state, '.cv3.0.2.weight')[:2]
    bins = _shape(path, state, '.cv2.0.2.weight')[0] // 4  # of four sides
    model = build(header.get('yaml', 'yolov8n-seg.yaml'), classes, width, bins)
    try:
        model.load_state_dict({name: value.float() for name, value in state.items()})
    except RuntimeError as error:
        raise ModelError(f'{path.name} does not fit its architecture: {error}') from error
    model.known_names = int(header.get('known_names', 0))
    return model.eval()


def _shape(path: Path, state: Mapping[str, torch.Tensor], name: str) -> tuple[int, ...]:
    """Of the kernels of a layer of the head: what cannot be told from the architecture."""
    for key, value in state.items():
        if key.endswith(name) and value.ndim == 4:
            return tuple(value.shape)
    raise ModelError(f'{path.name} is not a FastSAM network: it has no segmentation head')
