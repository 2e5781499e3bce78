# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment` on videos."""

import json
from types import SimpleNamespace

import av
from command_line import make_movie
import cv2
import numpy as np
from pycocotools import mask as coco_mask
import pytest

from fastsam_ros.batch.writers import overlay
from fastsam_ros.core import Prompt
from fastsam_ros.drawing.palette import colour
from fastsam_ros.fastsam import FastSam
from fastsam_ros.following.tracker import Tracker
from fastsam_ros.media.results import PromptState, Result
from fastsam_ros.media.video import upright


def frames_of(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format='rgb24') for frame in container.decode(video=0)]


def times_of(path):
    with av.open(str(path)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


@pytest.fixture
def movie(tmp_path, photos):
    path = tmp_path / 'clip.mp4'
    make_movie(path, photos['coffee'])
    return path


def test_the_video_shows_the_same_frames_at_the_same_times(fastsam, movie, tmp_path):
    out = tmp_path / 'painted.mp4'
    result = fastsam('segment', movie, '-o', out)
    assert result.exit_code == 0, result.stderr
    before, after = frames_of(movie), frames_of(out)
    assert len(after) == len(before) == 8 and after[0].shape == before[0].shape
    assert np.allclose(times_of(out), times_of(movie), atol=1e-3)
    assert all(np.abs(a.astype(int) - b).mean() > 3 for a, b in zip(after, before))
    assert sorted(path.name for path in tmp_path.iterdir()) == ['clip.mp4', 'painted.mp4']


def test_every_frame_holds_the_scene_of_the_library(fastsam, movie, tmp_path):
    out = tmp_path / 'out'
    result = fastsam('segment', movie, '-o', out, '-f', 'labels', '-f', 'masks', '-f', 'coco')
    assert result.exit_code == 0, result.stderr
    model, tracker = FastSam(image_size=320), Tracker()
    listed = json.loads((out / 'results.json').read_text())
    for number, image in enumerate(frames_of(movie)):
        scene = model(image)
        ids = tracker.update(image, scene, number + 1).ids.tolist()
        entries = [entry for entry in listed if entry['frame'] == number]
        assert [entry['id'] for entry in entries] == ids
        decoded = [coco_mask.decode(entry['segmentation']) for entry in entries]
        assert np.array_equal(np.array(decoded, bool), scene.masks())
        labels = cv2.imread(str(out / 'clip_labels' / f'{number:06d}.png'), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(labels, scene.label_map())
        assert len(list((out / 'clip_masks' / f'{number:06d}').iterdir())) == len(scene)


def test_an_object_keeps_its_colour(fastsam, movie, tmp_path):
    out = tmp_path / 'r.json'
    prompt = ('--point', '120,80')
    assert fastsam('segment', movie, '-f', 'coco', '-o', out, *prompt).exit_code == 0
    ids = [entry['id'] for entry in json.loads(out.read_text())]
    assert len(ids) == 8
    most = max(set(ids), key=ids.count)
    assert ids.count(most) >= 6
    assert len(set(map(colour, set(ids)))) == len(set(ids))


def test_a_point_means_the_thing_that_is_there_at_first(fastsam, movie, tmp_path):
    asked = ('--point', '120,80', '-f', 'coco')
    ways = {'thing': (), 'named': ('--id', 'cup'), 'every': ('--every', '3')}
    for name, options in ways.items():
        out = tmp_path / f'{name}.json'
        result = fastsam('segment', movie, '-o', out, *asked, *options)
        assert result.exit_code == 0, result.stderr
        entries = json.loads(out.read_text())
        assert [entry['frame'] for entry in entries] == list(range(8))
        assert len({entry['id'] for entry in entries}) == 1
        thing = 'cup' if name == 'named' else '0'
        assert {entry['thing'] for entry in entries} == {thing}
        images = json.loads((tmp_path / f'{name}.images.json').read_text())['images']
        assert [image['states'] for image in images] == [{thing: 'followed'}] * 8
    masks = {name: [coco_mask.decode(entry['segmentation']) for entry in json.loads(
        (tmp_path / f'{name}.json').read_text())] for name in ('thing', 'every')}
    for number, (seen, moved) in enumerate(zip(masks['thing'], masks['every'])):
        iou = (seen & moved).sum() / (seen | moved).sum()
        assert iou == 1 if number % 3 == 0 else 0.85 < iou < 1


def test_fixed_asks_about_the_pixel_on_each_frame(fastsam, movie, tmp_path):
    out = tmp_path / 'r.json'
    asked = ('--point', '120,80', '--fixed', '-f', 'coco')
    assert fastsam('segment', movie, '-o', out, *asked).exit_code == 0
    model = FastSam(image_size=320)
    expected = [model(image).prompt([(120, 80)]).mask for image in frames_of(movie)]
    entries = json.loads(out.read_text())
    assert not any('thing' in entry for entry in entries)
    for entry, mask in zip(entries, expected, strict=True):
        assert np.array_equal(coco_mask.decode(entry['segmentation']), mask)


@pytest.mark.parametrize('state, told', [('followed', False), ('searching', True)])
def test_what_is_searched_for_is_written_on_the_overlay(photos, state, told):
    image = photos['coffee']
    result = Result(*image.shape[:2], (), (PromptState('cup', state),))
    change = (overlay(image, result, [Prompt(points=[(5, 5)])], marked=()) != image).any(axis=2)
    assert change.any() == told
    assert not change[30:].any() and not change[:, 150:].any()


def test_without_tracking_each_frame_is_counted_anew(fastsam, movie, tmp_path):
    out = tmp_path / 'r.json'
    assert fastsam('segment', movie, '-f', 'coco', '-o', out, '--no-track').exit_code == 0
    ids = {}
    for entry in json.loads(out.read_text()):
        ids.setdefault(entry['frame'], []).append(entry['id'])
    assert len(ids) == 8
    assert all(found == list(range(1, len(found) + 1)) for found in ids.values())


def test_odd_sizes_are_written(fastsam, tmp_path, photos):
    frames = [photos['cat'][:161, n : n + 201] for n in range(2)]
    path = tmp_path / 'odd.mkv'
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('ffv1', rate=5)
        stream.width, stream.height, stream.pix_fmt = 201, 161, 'bgr0'
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format='rgb24')
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    result = fastsam('segment', path, '-o', tmp_path / 'out.mp4')
    assert result.exit_code == 0, result.stderr
    assert frames_of(tmp_path / 'out.mp4')[0].shape == (162, 202, 3)


@pytest.mark.parametrize('turns', [0, 90, 180, -90])
def test_a_turned_video_is_segmented_upright(turns):
    """A phone notes by how much, anticlockwise, a frame is turned to be shown."""
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:8, :16] = 255  # the upper left quarter
    frame = SimpleNamespace(to_ndarray=lambda format: pixels, rotation=turns)
    turned = upright(frame)
    expected = {0: (0, 0), 90: (1, 0), 180: (1, 1), -90: (0, 1)}[turns]
    white = np.argwhere(turned[..., 0]).mean(axis=0) / turned.shape[:2] > 0.5
    assert tuple(white.astype(int)) == expected


def test_a_broken_video_is_reported_and_the_next_one_done(fastsam, movie, tmp_path):
    broken = tmp_path / 'broken.mp4'
    broken.write_bytes(movie.read_bytes()[:900])
    empty = tmp_path / 'empty.avi'
    empty.touch()
    result = fastsam('segment', broken, empty, movie, '-o', tmp_path / 'out')
    assert result.exit_code == 1
    assert str(broken) in result.stderr and str(empty) in result.stderr
    assert len(frames_of(tmp_path / 'out' / 'clip_overlay.mp4')) == 8
    assert not (tmp_path / 'out' / 'broken_overlay.mp4').exists()
