# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Room for images in the middleware."""

import os
from pathlib import Path
import subprocess
import sys
from types import SimpleNamespace

from ament_index_python import PackageNotFoundError
from graph import PATIENCE
import pytest
from rclpy.utilities import get_rmw_implementation_identifier

from fastsam_ros.ros import compat
from fastsam_ros.ros.topics import dds_profile

PROGRAM = """
from pathlib import Path
import re
import rclpy
from fastsam_ros.ros.topics.dds_profile import make_room
make_room()
rclpy.init()
node = rclpy.create_node('roomy')
for line in Path('/proc/self/maps').read_text().splitlines():
    if re.search('/fast(dds|rtps)_[0-9a-f]{16}$', line):
        low, high = (int(end, 16) for end in line.split()[0].split('-'))
        print(high - low)
"""


@pytest.fixture
def undecided(monkeypatch):
    for name in (*dds_profile.DECIDED, 'ROS_LOCALHOST_ONLY'):
        monkeypatch.setenv(name, '')  # so that whatever becomes of it is undone
        monkeypatch.delenv(name)
    return monkeypatch


@pytest.mark.parametrize('version, variable', [
    ('6.2.7', 'FASTRTPS_DEFAULT_PROFILES_FILE'), ('8.4.3', 'FASTRTPS_DEFAULT_PROFILES_FILE'),
    ('9.3.3', 'FASTDDS_DEFAULT_PROFILES_FILE'), ('10.0.0', 'FASTDDS_DEFAULT_PROFILES_FILE')])
def test_the_middleware_is_given_the_file(undecided, tmp_path, version, variable):
    (tmp_path / 'package.xml').write_text(f'<package><version>{version}</version></package>')
    undecided.setattr(compat, 'get_package_share_directory', lambda name: str(tmp_path))
    undecided.setenv('ROS_LOCALHOST_ONLY', '0')
    dds_profile.make_room()
    assert [name for name in dds_profile.DECIDED if os.environ.get(name)] == [variable]
    assert Path(os.environ[variable]).name == 'fastdds.xml'
    assert Path(os.environ[variable]).is_file()


@pytest.mark.parametrize('name, value', [
    *((name, 'mine') for name in dds_profile.DECIDED), ('ROS_LOCALHOST_ONLY', '1')])
def test_what_the_user_decided_stays(undecided, name, value):
    undecided.setenv(name, value)
    before = dict(os.environ)
    dds_profile.make_room()
    assert dict(os.environ) == before


def test_a_small_shared_memory_is_left_alone(undecided):
    undecided.setattr(dds_profile.shutil, 'disk_usage', lambda _: SimpleNamespace(free=2**26 - 1))
    before = dict(os.environ)
    dds_profile.make_room()
    assert dict(os.environ) == before


@pytest.mark.parametrize('module', [dds_profile, compat])
def test_where_the_package_or_the_middleware_is_not_installed_nothing_changes(undecided, module):
    def missing(name):
        raise PackageNotFoundError(name)

    undecided.setattr(module, 'get_package_share_directory', missing)
    before = dict(os.environ)
    dds_profile.make_room()
    assert dict(os.environ) == before


@pytest.mark.skipif(
    get_rmw_implementation_identifier() != 'rmw_fastrtps_cpp' or sys.platform != 'linux',
    reason='another middleware has another memory')
def test_a_process_has_the_room(undecided):
    said = subprocess.run(
        [sys.executable, '-c', PROGRAM], capture_output=True, text=True, check=True,
        timeout=PATIENCE)
    assert 'rror' not in said.stderr and 'deprecated' not in said.stderr
    assert [size for size in map(int, said.stdout.split()) if size > 25e6]  # an image of 3840x2160
