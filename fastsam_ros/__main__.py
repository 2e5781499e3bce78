# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The `fastsam` command, and `python -m fastsam_ros`: Ctrl-C is listened to first of all."""

import os

from fastsam_ros.cli.interrupt import INTERRUPT


def main() -> None:
    """Run the command."""
    INTERRUPT.listen()
    # Read when OpenCV is loaded; what it would say of a picture this program says in its words.
    os.environ.setdefault('OPENCV_LOG_LEVEL', 'SILENT')
    from fastsam_ros.cli.app import main as run

    run()


if __name__ == '__main__':
    main()
