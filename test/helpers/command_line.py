# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What several tests of the command use."""

import numpy as np
from typer.testing import CliRunner

from fastsam_ros.cli.app import app


def run_command(*arguments):
    """Run the command in this process; the result has .exit_code, .stdout and .stderr."""
    settings = ['--image-size', '320'] if arguments[0] == 'segment' else []
    return CliRunner(env={'COLUMNS': '300'}).invoke(app, [*map(str, arguments), *settings])


def contents(folder):
    """All files below a folder: relative name -> bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob('*')
        if path.is_file()
    }


def make_movie(path, photo, frames=8, size=(240, 160), rate=10):
    """A view that wanders over a photograph."""
    import av

    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, 'yuv420p'
        stream.options = {'crf': '12'}
        for number in range(frames):
            view = photo[number : number + size[1], number : number + size[0]]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(view), format='rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
