# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Room for images in the middleware."""

import os
from pathlib import Path
import subprocess
import sys

from ament_index_python import PackageNotFoundError
import pytest
from rclpy.utilities import get_rmw_implementation_identifier

from fastsam_ros.ros import transport

PROGRAM = """
from pathlib import Path
import re
import rclpy
from fastsam_ros.ros.transport import make_room
make_room()
rclpy.init()
node = rclpy.create_node('roomy')
for line in Path('/proc/self/maps').read_text().splitlines():
    if re.search('/fastdds_[0-9a-f]{16}$', line):
        low, high = (int(end, 16) for end in line.split()[0].split('-'))
        print(high - low)
"""


@pytest.fixture
def undecided(monkeypatch):
    for name in transport.DECIDED:
        monkeypatch.setenv(name, '')  # so that whatever becomes of it is undone
        monkeypatch.delenv(name)
    return monkeypatch


def test_the_middleware_is_given_the_file(undecided):
    transport.make_room()
    (file,) = filter(None, map(os.environ.get, transport.DECIDED))
    assert Path(file).name == 'fastdds.xml'
    assert Path(file).is_file()


@pytest.mark.parametrize('name', transport.DECIDED)
def test_what_the_user_decided_stays(undecided, name):
    undecided.setenv(name, 'mine')
    before = dict(os.environ)
    transport.make_room()
    assert dict(os.environ) == before


def test_where_the_package_is_not_installed_nothing_changes(undecided):
    def missing(name):
        raise PackageNotFoundError(name)

    undecided.setattr(transport, 'get_package_share_directory', missing)
    before = dict(os.environ)
    transport.make_room()
    assert dict(os.environ) == before


@pytest.mark.skipif(
    get_rmw_implementation_identifier() != 'rmw_fastrtps_cpp' or sys.platform != 'linux',
    reason='another middleware has another memory')
def test_a_process_has_the_room(undecided):
    said = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True)
    assert 'rror' not in said.stderr and 'deprecated' not in said.stderr
    assert [size for size in map(int, said.stdout.split()) if size > 16e6]
