# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What `fastsam export` is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import hashlib
from pathlib import Path

from fastsam_ros import models
from fastsam_ros.backends.integer import twin
from fastsam_ros.core.errors import ModelError, ParameterError
from fastsam_ros.media.sources import find_sources

TARGETS = {
    'onnx': '.onnx',
    'openvino': '.xml',
    'torchscript': '.torchscript',
    'tensorrt': '.engine',
}
PRECISIONS = {
    'onnx': ('fp32', 'fp16'),
    'openvino': ('fp16', 'fp32', 'int8'),
    'torchscript': ('fp32',),
    'tensorrt': ('fp16', 'fp32', 'int8'),
}  # the first is what 'auto' means
TORCH = ('.pt', '.safetensors')


@dataclass(frozen=True)
class ExportRequest:
    """
    What is to be exported, and how.

    :param source: the model file, trusted already
    :param to: one of `TARGETS`
    :param folder: where the file goes
    :param precision: auto, fp32, fp16 or int8: of the weights in the file
    :param image_size: longer side of the network's input, pixels; noted in the file, and used for
        calibration, for the check, and as the largest of TensorRT
    :param calibration: pictures for int8; none for an engine: as the int8 network beside the
        source was calibrated
    :param cameras: most images in a run of a TensorRT engine, which is tuned for that number
    """

    source: Path
    to: str
    folder: Path
    precision: str = 'auto'
    image_size: int = 640
    calibration: Sequence[Path] = ()
    cameras: int = 1

    @property
    def weights(self) -> str:
        """
        The precision, resolved.

        :raises ParameterError: when the format does not offer it
        """
        offered = PRECISIONS[self.to]
        precision = offered[0] if self.precision == 'auto' else self.precision
        if precision not in offered:
            raise ParameterError(
                f'--to {self.to} holds {" or ".join(offered)}, not {precision}'
                + ('; int8 is for --to openvino and tensorrt' if precision == 'int8' else '')
            )
        return precision

    @property
    def measured(self) -> Path | None:
        """An int8 network that tells TensorRT its ranges, where no pictures do."""
        known = twin(self.source)
        return known if self.to == 'tensorrt' and known.is_file() else None

    @property
    def ranges(self) -> str:
        """Of what int8's ranges come from, a digest; '' where nothing is int8."""
        if self.weights != 'int8':
            return ''
        files = self.calibration or (self.measured, self.measured.with_suffix('.bin'))
        return hashlib.sha256(''.join(map(models.sha256, files)).encode()).hexdigest()

    @property
    def path(self) -> Path:
        """Where the file goes: its name tells an int8 network from others."""
        ending = '-int8' if self.weights == 'int8' else ''
        return self.folder / f'{self.source.stem}{ending}{TARGETS[self.to]}'


def make_request(
    model: str,
    to: str,
    folder: Path,
    *,
    trust: bool,
    precision: str,
    image_size: int,
    calibration: str,
    cameras: int = 1,
) -> ExportRequest:
    """
    Check what was asked for, before anything is computed.

    :param model: as `--model`
    :param to: as `--to`
    :param folder: as `--output`
    :param trust: as `--trust`
    :param precision: as `--precision`
    :param image_size: as `--image-size`
    :param calibration: as `--calibration`; '' for none
    :param cameras: as `--cameras`
    :raises ParameterError: when the format or the precision is not one there is
    :raises ModelError: when the model is not there or not trusted
    """
    if to not in TARGETS:
        raise ParameterError(f'unknown format {to!r}: --to is one of {", ".join(TARGETS)}')
    source = models.resolve(model)
    models.check_trust(source, trust)
    pictures = find_sources([calibration]) if calibration else []
    paths = [picture.path for picture in pictures if picture.kind == 'picture']
    made = ExportRequest(
        _readable(source, to), to, folder, precision, image_size, paths, cameras)
    if cameras != 1 and to != 'tensorrt':
        raise ParameterError(
            f'--cameras is for --to tensorrt: a file for {to} takes any number of images')
    if made.weights == 'int8' and not paths and made.measured is None:
        raise ParameterError(
            '--precision int8 measures ranges on pictures: give --calibration a folder of them'
        )
    if made.path.resolve() == made.source.resolve():
        raise ParameterError(f'{made.path} is the model itself: give another folder')
    return made


def _readable(source: Path, to: str) -> Path:
    """The file to start from: for TorchScript the weights beside an .onnx will do."""
    weights = source.with_suffix('.safetensors')
    if to == 'torchscript' and source.suffix == '.onnx' and weights.is_file():
        return weights
    able = {
        'onnx': (*TORCH, '.onnx'),
        'openvino': (*TORCH, '.onnx', '.xml'),
        'torchscript': TORCH,
        'tensorrt': (*TORCH, '.onnx'),
    }[to]
    if source.suffix not in able:
        raise ModelError(
            f'{source.name} cannot be turned into {to}: that needs a file that ends in '
            f'{", ".join(able)}'
        )
    return source
