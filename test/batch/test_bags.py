# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment` on ROS 2 bags."""

import json
from pathlib import Path

from batch_bags import PROMPTED, QOS, SEGMENTS, START, header, read_bag, write_bag
from command_line import contents
import cv2
import numpy as np
import pytest
from rosbags.highlevel import AnyReader
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.media.bags.messages import DEFINITIONS


@pytest.fixture
def views(photos):
    return [photos['coffee'][n : n + 150, 2 * n : 2 * n + 220] for n in range(5)]


@pytest.mark.parametrize('plugin', list(StoragePlugin))
def test_the_copy_holds_everything_and_the_masks_of_the_library(fastsam, tmp_path, views, plugin):
    bag = write_bag(tmp_path / 'drive', views, plugin)
    result = fastsam('segment', bag, '-o', tmp_path / 'segmented')
    assert result.exit_code == 0, result.stderr
    out = tmp_path / 'segmented' / 'drive_segmented'
    before, after = read_bag(bag), read_bag(out)
    for topic in before:
        assert [row[:2] for row in after[topic]] == [row[:2] for row in before[topic]]
    with AnyReader([out]) as reader:
        copied = [c for c in reader.connections if c.topic == '/camera/image_raw']
        assert copied[0].ext.offered_qos_profiles == [QOS]
    names = {path.suffix for path in out.iterdir()}
    assert names == {path.suffix for path in bag.iterdir()}
    assert all('partial' not in path.name for path in out.iterdir())
    images, model, tracker = before['/camera/image_raw'], FastSam(image_size=320), Tracker()
    assert len(after[SEGMENTS]) == len(images) == 5
    for number, view, (image_time, _, image), (time, _, array) in zip(
        range(1, 6), views, images, after[SEGMENTS]
    ):
        assert time == image_time and repr(array.header) == repr(image.header)
        assert (array.height, array.width) == view.shape[:2]
        scene = model(view)
        ids = tracker.update(view, scene, number).ids
        order = np.argsort(-scene.areas, kind='stable')
        assert [s.id for s in array.segmentations] == ids[order].tolist()
        for segment, mask, score in zip(
            array.segmentations, scene.masks(order), scene.scores[order]
        ):
            assert np.array_equal(decoded(segment, view.shape[:2]), mask)
            assert segment.area == mask.sum() and segment.score == score


def decoded(segment, shape):
    """As the message's comments say it is done."""
    box = segment.box
    flat = np.repeat(np.arange(len(segment.counts)) % 2 == 1, segment.counts)
    mask = np.zeros(shape, bool)
    rows = slice(box.y_offset, box.y_offset + box.height)
    mask[rows, box.x_offset : box.x_offset + box.width] = flat.reshape(box.height, box.width)
    return mask


@pytest.mark.parametrize('name', ['out', 'out.mcap', 'out.db3'])
def test_a_single_file_is_a_bag_too_also_as_output(fastsam, tmp_path, views, name):
    bag = write_bag(tmp_path / 'drive', views[:2], StoragePlugin.MCAP)
    out = tmp_path / name
    for _ in range(2):  # the second run replaces what the first one wrote
        result = fastsam('segment', bag / 'drive.mcap', '-o', out)
        assert result.exit_code == 0, result.stderr
        written = out / 'drive_segmented' if name == 'out' else out
        assert len(read_bag(written)[SEGMENTS]) == 2
        assert written.is_dir() == (name == 'out')
        assert {path.name for path in tmp_path.iterdir()} == {'drive', name}


def test_of_several_cameras_one_must_be_chosen(fastsam, tmp_path, views):
    bag = write_bag(tmp_path / 'two', views[:2], StoragePlugin.MCAP, ['/front', '/rear'])
    refused = fastsam('segment', bag, '-o', tmp_path / 'out')
    assert refused.exit_code == 1 and '--topic: /front, /rear' in refused.stderr
    wrong = fastsam('segment', bag, '-o', tmp_path / 'out', '--topic', 'left')
    assert wrong.exit_code == 1 and '/left is not one' in wrong.stderr
    assert fastsam('segment', bag, '-o', tmp_path / 'out', '--topic', 'rear').exit_code == 0
    assert len(read_bag(tmp_path / 'out' / 'two_segmented')[SEGMENTS]) == 2


def test_prompts_go_to_the_topic_of_prompts(fastsam, tmp_path, views):
    bag = write_bag(tmp_path / 'drive', views[:2], StoragePlugin.SQLITE3)
    out = tmp_path / 'out'
    result = fastsam('segment', bag, '-o', out, '--point', '110,75', '--selection', 'all')
    assert result.exit_code == 0, result.stderr
    found = read_bag(out / 'drive_segmented')
    assert SEGMENTS not in found
    answer = FastSam(image_size=320)(views[0]).prompt([(110, 75)], selection='all')
    segments = found[PROMPTED][0][2].segmentations
    assert {s.prompt_id for s in segments} == {'0'}
    assert sorted(s.prompt_score for s in segments) == sorted(answer.scores.tolist())


def test_a_thing_is_followed_and_each_message_says_how_it_stands(fastsam, tmp_path, views):
    black = np.zeros_like(views[0])
    bag = write_bag(tmp_path / 'drive', [*views[:2], black], StoragePlugin.MCAP)
    out = tmp_path / 'out'
    result = fastsam('segment', bag, '-o', out, '--point', '110,75', '--id', 'cup')
    assert result.exit_code == 0, result.stderr
    first, second, gone = [row[2] for row in read_bag(out / 'drive_segmented')[PROMPTED]]
    for message in (first, second):
        (segment,), (status,) = message.segmentations, message.prompts
        assert (segment.prompt_id, status.id, status.state) == ('cup', 'cup', status.FOLLOWED)
        assert status.segment_ids.tolist() == [segment.id] == [first.segmentations[0].id]
        assert (status.seen, status.message) == (message.header.stamp, '')
    assert (gone.segmentations, gone.prompts[0].state) == ([], status.SEARCHING)
    assert gone.prompts[0].seen == second.header.stamp and gone.prompts[0].message


def test_compressed_images_and_other_outputs(fastsam, tmp_path, views):
    store = get_typestore(Stores.LATEST)
    kind = 'sensor_msgs/msg/CompressedImage'
    bag = tmp_path / 'small'
    with Writer(bag, version=8, storage_plugin=StoragePlugin.MCAP) as writer:
        topic = writer.add_connection('/cam/compressed', kind, typestore=store)
        for number, view in enumerate(views[:3]):
            data = cv2.imencode('.png', view[..., ::-1])[1].ravel()
            message = store.types[kind](header=header(store, number), format='png', data=data)
            stamp = START + number * 50_000_000
            writer.write(topic, stamp, store.serialize_cdr(message, kind))
    out = tmp_path / 'out'
    formats = [part for name in ('bag', 'overlay', 'labels', 'coco') for part in ('-f', name)]
    result = fastsam('segment', bag, '-o', out, *formats)
    assert result.exit_code == 0, result.stderr
    assert len(read_bag(out / 'small_segmented')[SEGMENTS]) == 3
    labels = cv2.imread(str(out / 'small_labels' / '000001.png'), cv2.IMREAD_UNCHANGED)
    assert np.array_equal(labels, FastSam(image_size=320)(views[1]).label_map())
    assert cv2.VideoCapture(str(out / 'small_overlay.mp4')).get(cv2.CAP_PROP_FRAME_COUNT) == 3
    listed = json.loads((out / 'results.json').read_text())
    assert {entry['frame'] for entry in listed} == {0, 1, 2}


def test_a_broken_image_is_reported_and_the_others_done(fastsam, tmp_path, views):
    bag = write_bag(tmp_path / 'drive', views, StoragePlugin.MCAP, damage=[2])
    result = fastsam('segment', bag, '-o', tmp_path / 'out')
    assert result.exit_code == 1 and '1 of 5 images cannot be decoded' in result.stderr
    found = read_bag(tmp_path / 'out' / 'drive_segmented')
    assert len(found[SEGMENTS]) == 4 and len(found['/camera/image_raw']) == 5


@pytest.mark.parametrize('names', [['bag'], ['bag', 'coco'], ['labels', 'coco']])
def test_a_bag_with_a_broken_image_fails_again_and_what_is_whole_is_listed(
    fastsam, tmp_path, views, names
):
    bag = write_bag(tmp_path / 'drive', views, StoragePlugin.MCAP, damage=[2])
    formats = [part for name in names for part in ('-f', name)]
    for _ in range(3):
        result = fastsam('segment', bag, '-o', tmp_path / 'out', *formats)
        assert result.exit_code == 1 and '1 of 5 images' in result.stderr
    if 'coco' in names:
        listed = json.loads((tmp_path / 'out' / 'results.json').read_text())
        assert {entry['frame'] for entry in listed} == {0, 1, 2, 3}


@pytest.mark.parametrize('name', ['out', 'out.mcap', 'out.db3'])
def test_a_bag_that_somebody_else_wrote_is_not_replaced(fastsam, tmp_path, views, name):
    plugin = StoragePlugin.SQLITE3 if name.endswith('.db3') else StoragePlugin.MCAP
    bag = write_bag(tmp_path / 'drive', views[:1], StoragePlugin.MCAP)
    other = write_bag(tmp_path / 'out', views[:2], plugin, cameras=[SEGMENTS])
    if name != 'out':
        other = (other / name).rename(tmp_path / name)
    before = contents(tmp_path)
    result = fastsam('segment', bag, '-o', other, '--topic', 'camera/image_raw')
    assert result.exit_code == 2
    assert ('is a bag' if name == 'out' else 'not written') in ' '.join(result.stderr.split())
    assert contents(tmp_path) == before


def test_what_else_lies_in_the_output_of_a_bag_stays(fastsam, tmp_path, views, folder):
    bag, out = write_bag(tmp_path / 'drive', views[:2], StoragePlugin.MCAP), tmp_path / 'out'
    for source in (bag, folder / 'coffee.png', bag):
        assert fastsam('segment', source, '-o', out).exit_code == 0
    (out / 'notes.txt').write_text('by hand')
    assert fastsam('segment', bag, '-o', out).exit_code == 0
    assert {path.name for path in out.iterdir()} == {
        'drive_segmented', 'coffee_overlay.jpg', 'notes.txt'}
    (out / 'drive_segmented' / 'calibration.yaml').write_text('by hand')
    before = contents(out)
    refused = fastsam('segment', bag, '-o', out)
    assert refused.exit_code == 2 and 'not written' in refused.stderr
    assert contents(out) == before


def test_what_is_no_bag_of_images_is_reported(fastsam, tmp_path, views):
    empty = write_bag(tmp_path / 'empty', [], StoragePlugin.MCAP, [])
    cut = write_bag(tmp_path / 'cut', views, StoragePlugin.SQLITE3)
    (cut / 'cut.db3').write_bytes((cut / 'cut.db3').read_bytes()[:3000])
    result = fastsam('segment', empty, cut, '-o', tmp_path / 'out')
    assert result.exit_code == 1
    assert f'{empty} holds no images' in result.stderr and str(cut) in result.stderr
    assert not list((tmp_path / 'out').glob('*_segmented'))


def test_the_definitions_are_those_of_the_messages():
    base = Path(__file__).parents[2] / 'msg'
    for name, text in DEFINITIONS.items():
        path = base / f'{name.rpartition("/")[2]}.msg'
        assert get_types_from_msg(text, name) == get_types_from_msg(path.read_text(), name)
