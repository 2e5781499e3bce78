# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam label` on bags: a sidecar with the images' own stamps, and rows as of pictures."""

import json

from batch_bags import SEGMENTS, START, read_bag, write_bag
import pytest
from rosbags.rosbag2 import StoragePlugin


@pytest.fixture
def bag(tmp_path, photos):
    views = [photos['coffee'][n : n + 60, 2 * n : 2 * n + 90] for n in range(4)]
    return write_bag(tmp_path / 'drive', views, StoragePlugin.MCAP, damage=[2])


def test_the_sidecar_has_the_stamps_and_headers_of_the_images(label, rows, bag, tmp_path):
    result = label(bag, tmp_path / 'out', '--json')
    assert result.exit_code == 1
    summary = json.loads(result.stdout)
    stamps = [START + number * 100_000_000 for number in range(4)]
    name = 'drive/camera/image_raw/'
    assert [row['key'] for row in summary['failed']] == [f'{name}{stamps[2]}']
    sidecar = read_bag(tmp_path / 'out' / 'bags' / 'drive.mcap')
    images = read_bag(bag)['/camera/image_raw']
    assert set(sidecar) == {SEGMENTS}
    assert [time for time, _, _ in sidecar[SEGMENTS]] == [stamps[n] for n in (0, 1, 3)]
    headers = [repr(images[n][2].header) for n in (0, 1, 3)]
    assert [repr(message.header) for _, _, message in sidecar[SEGMENTS]] == headers
    found = rows(tmp_path / 'out')
    assert list(found) == [f'{name}{stamps[n]}' for n in (0, 1, 3)]
    for row, (_, _, message) in zip(found.values(), sidecar[SEGMENTS]):
        areas = sorted((segment['area'] for segment in row['segments']), reverse=True)
        assert areas == [segment.area for segment in message.segmentations] and areas
    again = label(bag, tmp_path / 'out', '--json', '--retry')
    assert json.loads(again.stdout) == summary


@pytest.mark.parametrize('plugin', list(StoragePlugin))
def test_a_truncated_bag_is_said_and_the_rest_done(label, pictures, photos, tmp_path, plugin):
    views = [photos['coffee'][:60, :90]] * 3
    bag = write_bag(pictures / 'cut', views, plugin)
    (data,) = (path for path in bag.iterdir() if path.suffix != '.yaml')
    data.write_bytes(data.read_bytes()[:2000])
    result = label(pictures, tmp_path / 'out', '--json')
    summary = json.loads(result.stdout)
    assert result.exit_code == 1 and summary['pictures'] == 10
    assert [row['key'] for row in summary['failed']] == ['cut']
    assert not list((tmp_path / 'out').rglob('*.mcap'))


def test_of_several_cameras_one_must_be_chosen(label, photos, tmp_path):
    bag = write_bag(tmp_path / 'two', [photos['coffee'][:60, :90]], StoragePlugin.MCAP,
                    ['/front', '/rear'])
    assert '--topic: /front, /rear' in label(bag, tmp_path / 'out').stderr
    assert label(bag, tmp_path / 'rear', '--topic', '/rear').exit_code == 0
