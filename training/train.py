# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Train a YOLOv8-seg with one class: `python -m training.train --help`."""

from __future__ import annotations

from collections.abc import Sequence

from training.settings import parser
from training.trainer import Trainer


def main(arguments: Sequence[str] | None = None) -> None:
    """
    Run the command line.

    :param arguments: instead of the process's own
    """
    settings = parser().parse_args(arguments)
    settings.out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(settings)
    if settings.resume:
        trainer.resume()
    trainer.run()


if __name__ == '__main__':
    main()
