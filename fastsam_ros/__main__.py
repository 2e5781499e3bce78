# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The `fastsam` command, and `python -m fastsam_ros`: Ctrl-C is listened to first of all."""

from fastsam_ros.cli.interrupt import INTERRUPT


def main() -> None:
    """Run the command."""
    INTERRUPT.listen()
    from fastsam_ros.cli.app import main as run

    run()


if __name__ == '__main__':
    main()
