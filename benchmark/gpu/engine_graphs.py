# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What TensorRT's float16 and int8 cost in recall, without a GPU.

    python -m benchmark.gpu.engine_graphs --labels coco-val/instances.json coco-val/images

Engines are strongly typed: they compute in the types of the graph that they are built from. Here
ONNX Runtime computes that graph on the processor.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
import tempfile
from unittest import mock

import numpy as np
import onnxruntime
import openvino as ov

from fastsam_ros import backends, models
from fastsam_ros.backends.integer import twin
from fastsam_ros.backends.protocol import NetworkOutput
from fastsam_ros.export.average_recall import average_recall
from fastsam_ros.export.engine_graph import engine_graph
from fastsam_ros.export.int8_graph import ranges
from fastsam_ros.export.onnx_files import load_onnx
from fastsam_ros.models.metadata import Metadata, metadata_file


class GraphBackend:
    """A `Backend` of a graph that takes pictures of bytes."""

    name, device, precision = 'onnxruntime', 'cpu', 'as in the graph'
    streams, batch, input_shape = 1, (1, 1), None

    def __init__(self, path: Path) -> None:
        self._session = onnxruntime.InferenceSession(str(path))

    def infer(self, batch: np.ndarray) -> NetworkOutput:
        """See `Backend.infer`."""
        predictions, prototypes, *names = self._session.run(None, {'pictures': batch})
        rows = np.concatenate([predictions, *names], axis=1, dtype=np.float32)
        return NetworkOutput(rows, prototypes.astype(np.float32))

    def close(self) -> None:
        """Free the session."""
        del self._session


def recalls(
    source: Path, pictures: Sequence[Path], labels: Path, image_size: int
) -> dict[str, float]:
    """
    AR@100 of the graphs of a model's engines, of which the first computes what the model does.

    :param source: an .onnx file with its int8 network beside it
    :param pictures: that the labels know
    :param labels: COCO's JSON of instances
    :param image_size: longer side of the network's input, pixels
    """
    reached = ranges(ov.Core().read_model(twin(source)))
    graphs = {'fp32': (False, None), 'fp16': (True, None), 'int8': (True, reached)}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, wanted in graphs.items():
            path = Path(folder) / f'{name}.onnx'
            path.write_bytes(engine_graph(load_onnx(source), *wanted).SerializeToString())
            Metadata.of(source).write(metadata_file(path))
            with mock.patch.object(
                    backends, 'load', lambda path, **settings: GraphBackend(path)):
                found[name] = average_recall([path], pictures, labels, image_size)[0]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table."""
    parser = argparse.ArgumentParser('python -m benchmark.gpu.engine_graphs')
    parser.add_argument('pictures', type=Path, help='folder')
    parser.add_argument('--labels', type=Path, required=True)
    parser.add_argument('--image-size', type=int, default=640)
    options = parser.parse_args(arguments)
    pictures = sorted(options.pictures.glob('*.jpg'))
    found = recalls(models.resolve(''), pictures, options.labels, options.image_size)
    for name, recall in found.items():
        print(f'| {name} | {recall:.3f} |')
    return 0


if __name__ == '__main__':
    raise SystemExit(main())
