# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Runs the launch file with the real launch_ros, as `ros2 launch` does."""

from collections.abc import Iterator
from contextlib import contextmanager
import os
from pathlib import Path
import signal
import subprocess
import sys

LAUNCH_FILE = Path(__file__).parents[3] / 'launch' / 'fastsam.launch.py'
START = 120  # seconds that processes may take on a busy machine
RUN = f"""
import sys
from launch import LaunchDescription, LaunchService
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
source = PythonLaunchDescriptionSource({str(LAUNCH_FILE)!r})
arguments = [tuple(word.split(':=')) for word in sys.argv[1:]]
service = LaunchService()
service.include_launch_description(LaunchDescription([
    IncludeLaunchDescription(source, launch_arguments=arguments)]))
sys.exit(service.run())
"""


def start_launch(*arguments: str, output: object = None) -> subprocess.Popen:
    """
    Start the launch file in a process group of its own.

    :param output: where all that is said goes, as Popen's
    """
    return subprocess.Popen(
        [sys.executable, '-c', RUN, *arguments], start_new_session=True, stdout=output,
        stderr=subprocess.STDOUT if output else None, text=True)


@contextmanager
def launched(*arguments: str, output: object = None) -> Iterator[subprocess.Popen]:
    """Run the launch file; a terminal's Ctrl-C must end it cleanly, and all that it started."""
    process = start_launch(*arguments, output=output)
    try:
        yield process
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(START) == 0
        assert not is_alive(process.pid)
    finally:
        if is_alive(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def is_alive(group: int) -> bool:
    """Whether any process of a group runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
