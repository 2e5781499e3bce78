# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How the middleware carries what a process publishes: images need more room than it takes."""

from __future__ import annotations

import os
from pathlib import Path
import shutil

from ament_index_python import PackageNotFoundError, get_package_share_directory

from fastsam_ros.ros import compat

SHARED_MEMORY = Path('/dev/shm')
ROOM = 64 * 2**20  # bytes that must be free there: two processes' worth of config/fastdds.xml
DECIDED = (*compat.PROFILES, 'FASTDDS_BUILTIN_TRANSPORTS')  # by who sets one of these


def make_room() -> None:
    """
    Give Fast DDS the settings of config/fastdds.xml; others do not read them.

    To be called before rclpy.init. What the user has set in the environment stays.
    """
    file, variable = _settings(), compat.profiles_variable()
    if file is not None and variable is not None and not _is_decided() and _has_room():
        os.environ[variable] = str(file)


def _is_decided() -> bool:
    # Humble takes the transports of a file beside its own, and they would reach other computers.
    alone = os.environ.get('ROS_LOCALHOST_ONLY') == '1'
    return alone or any(os.environ.get(name) for name in DECIDED)


def _has_room() -> bool:
    """A process that fills more shared memory than there is dies of SIGBUS."""
    return not SHARED_MEMORY.is_dir() or shutil.disk_usage(SHARED_MEMORY).free >= ROOM


def _settings() -> Path | None:
    """The file; None where the package is not installed."""
    try:
        share = get_package_share_directory('fastsam_ros')
    except PackageNotFoundError:
        return None
    file = Path(share) / 'config' / 'fastdds.xml'
    return file if file.is_file() else None
