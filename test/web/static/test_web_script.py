# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's JavaScript computes what Python computes; run in a real browser."""

import json

from fake_bridge import frame_packet, segment
import numpy as np
from pycocotools import mask as coco_mask
import pytest

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.drawing.overlay import draw, label_map
from fastsam_ros.drawing.palette import colours
from fastsam_ros.drawing.style import STYLE

IDS = [*range(500), 4096, 65535, 2**31, 2**32 - 1]
SHAPE = (60, 90)


@pytest.fixture(scope='module')
def segments():
    """Overlapping masks with holes, several parts, and at every border."""
    rng = np.random.default_rng(5)
    blobs = []
    for _ in range(12):
        mask = np.zeros(SHAPE, bool)
        for _ in range(3):
            y, x = rng.integers(0, SHAPE[0]), rng.integers(0, SHAPE[1])
            mask[max(y - 12, 0) : y + 12, max(x - 9, 0) : x + 15] ^= True
        blobs.append(mask)
    blobs += [np.ones(SHAPE, bool), rng.random(SHAPE) < 0.5]
    blobs.append(np.eye(*SHAPE, dtype=bool))
    runs = [RunLengths.from_mask(mask) for mask in blobs if mask.any()]
    return sorted(runs, key=lambda run: -run.area)


@pytest.fixture(scope='module')
def ids(segments):
    return [7 * n + 1 for n in range(len(segments))]


def test_colours_are_the_same(page):
    got = page.evaluate(
        "async (ids) => { const m = await import('/picture/look.js');"
        ' return ids.map(m.colour); }', IDS)
    assert got == colours(IDS).tolist()


def test_a_fill_fades_with_its_area_alike(page):
    areas = [0, 10, 1000, 10_000, 200_000, 999_999]
    got = page.evaluate(
        "async (areas) => { const m = await import('/picture/look.js');"
        ' return areas.map((area) => m.fillOpacity(area, 1e6, 0.5)); }', areas)
    assert got == pytest.approx([STYLE.fill_opacity(area, 10**6, 0.5) for area in areas])


PARSE = """async (bytes) => {
  const { parse } = await import('/packet.js');
  const packet = parse(Uint8Array.from(bytes).buffer);
  const picture = [...new Uint8Array(await packet.picture.arrayBuffer())];
  const segments = packet.segments.map((s) => ({ ...s, counts: [...s.counts] }));
  return { ...packet, segments, picture };
}"""


def test_a_packet_is_read_as_it_was_made(page, segments, ids):
    made = [segment(run, n, label='grün') for run, n in zip(segments, ids)]
    packet = frame_packet('front', (12, 34), b'\xff\xd8\xff123', made, SHAPE[::-1])
    got = page.evaluate(PARSE, list(packet.data))
    assert got['key'] == '12.34'
    assert bytes(got['picture']) == b'\xff\xd8\xff123'
    assert [s['label'] for s in got['segments']] == ['grün'] * len(ids)
    assert [s['id'] for s in got['segments']] == ids
    assert [s['counts'] for s in got['segments']] == [run.counts.tolist() for run in segments]
    boxes = [[s['x'], s['y'], s['width'], s['height']] for s in got['segments']]
    assert boxes == [[run.x, run.y, run.width, run.height] for run in segments]


def plain(segments, ids):
    return [
        {'id': n, 'x': run.x, 'y': run.y, 'width': run.width, 'height': run.height,
         'area': run.area, 'counts': run.counts.tolist()}
        for run, n in zip(segments, ids)]


MAP = """async ([segments, width, height]) => {
  const { labelMap } = await import('/picture/masks.js');
  const map = new Uint8Array(width * height);
  labelMap(segments, width, map);
  return [...map];
}"""


def test_run_lengths_are_decoded_alike_smaller_ones_on_top(page, segments, ids):
    got = page.evaluate(MAP, [plain(segments, ids), SHAPE[1], SHAPE[0]])
    assert np.array_equal(np.reshape(got, SHAPE), label_map(segments, *SHAPE))


PAINT = """async ([segments, width, height]) => {
  const { Overlay } = await import('/picture/overlay.js');
  const { colour, fillOpacity, light, look } = await import('/picture/look.js');
  const tint = ([red, green, blue], alpha) => ({ red, green, blue, alpha });
  const none = tint([0, 0, 0], 0);
  const pixels = width * height;
  const fills = segments.map(({ id, area }) => tint(colour(id), fillOpacity(area, pixels, 0.8)));
  const lines = segments.map(({ id }) => tint(light(id), look.line_opacity));
  const size = { width, height };
  const overlay = new Overlay(size, size, look);
  return [...overlay.draw(segments, [none, ...fills], [none, ...lines]).data];
}"""


def over(picture, layer):
    """A layer, (H, W, 4) with alpha, over a picture: (H, W, 3) float."""
    alpha = layer[..., 3:] / 255
    return picture * (1 - alpha) + layer[..., :3] * alpha


@pytest.mark.parametrize('level', [0, 255])
def test_fills_and_lines_are_painted_alike(page, segments, ids, level):
    # No noise and no hair: where everything is an edge, whose line it is differs.
    blobs = [pair for pair in zip(segments, ids) if len(pair[0].counts) < 150 < pair[0].area]
    segments, ids = zip(*blobs)
    got = page.evaluate(PAINT, [plain(segments, ids), SHAPE[1], SHAPE[0]])
    picture = np.full((*SHAPE, 3), level, np.uint8)
    shown = over(picture, np.reshape(got, (*SHAPE, 4)).astype(float))
    expected = draw(picture, segments, ids, opacity=0.8)
    # Blurs differ by a level or two; at the border OpenCV mirrors what the page leaves out.
    error = np.abs(shown - expected).max(axis=2)[3:-3, 3:-3]
    assert np.median(error) <= 2 and np.percentile(error, 97) <= 8


def test_a_mask_that_was_cut_by_its_box_is_drawn_alike(page):
    rows, columns = np.mgrid[:120, :160]
    disc = (columns - 80) ** 2 + (rows - 60) ** 2 <= 45**2
    disc[80:] = False
    runs = [RunLengths.from_mask(disc)]
    got = np.reshape(page.evaluate(PAINT, [plain(runs, [1]), 160, 120]), (120, 160, 4))
    expected = draw(np.zeros((120, 160, 3), np.uint8), runs, [1], opacity=0.8)
    assert np.abs(over(np.zeros((120, 160, 3)), got.astype(float)) - expected).max() <= 8
    assert got[76:84, 60:100, 3].max() <= 205, 'a line where the box cut'


HITS = """async ([segments, points]) => {
  const { contains } = await import('/picture/hits.js');
  return points.map(([x, y]) => segments.map((segment) => contains(segment, x, y)));
}"""


def test_what_lies_under_a_pixel_is_found_without_making_pixels(page, segments, ids):
    points = [(x, y) for y in range(0, SHAPE[0], 3) for x in range(0, SHAPE[1], 3)]
    got = page.evaluate(HITS, [plain(segments, ids), points])
    masks = [np.zeros(SHAPE, bool) for _ in segments]
    for mask, run in zip(masks, segments):
        mask[run.window] = run.mask()
    assert got == [[bool(mask[y, x]) for mask in masks] for x, y in points]


def test_coco_is_what_pycocotools_reads(page, segments, ids):
    text = page.evaluate("""async ([segments, width, height]) => {
      const { cocoFile } = await import('/panel/saving.js');
      return cocoFile(segments, { width, height }).text();
    }""", [plain(segments, ids), SHAPE[1], SHAPE[0]])
    file = json.loads(text)
    assert [entry['bbox'] for entry in file['annotations']] == [
        [run.x, run.y, run.width, run.height] for run in segments]
    for entry, run in zip(file['annotations'], segments):
        encoded = coco_mask.frPyObjects(entry['segmentation'], *entry['segmentation']['size'])
        expected = np.zeros(SHAPE, bool)
        expected[run.window] = run.mask()
        assert np.array_equal(coco_mask.decode(encoded), expected)


FRAMES = """async (act) => {
  const { Frames } = await import('/picture/frames.js');
  const link = new EventTarget();
  let told = 0;
  link.shown = () => { told += 1; };
  const stage = { frame: null, seen: [] };
  const decoded = new Map(); // what a picture waits for until it can be drawn
  stage.show = (frame) => {
    stage.frame = frame;
    stage.seen.push(frame.key);
    return new Promise((resolve) => { decoded.set(frame.key, () => resolve(true)); });
  };
  const say = (name, detail) => link.dispatchEvent(new CustomEvent(name, { detail }));
  const frame = (key) => say('frame', { camera: '', key, picture: key });
  const matches = (key) => say('prompted', { camera: '', key, segments: [] });
  const settle = async () => { for (let n = 0; n < 20; n += 1) await null; };
  const world = { link, stage, frame, matches, decoded, settle, Frames, told: () => told };
  return WHAT(world);
}"""


def in_frames(page, what):
    """The result of a JavaScript function of a made-up link, stage and decoder."""
    return page.evaluate(FRAMES.replace('WHAT', f'({what})'))


def test_a_frame_that_waited_longer_than_a_later_one_is_not_shown(page):
    assert in_frames(page, """async (world) => {
      const { link, stage, frame, matches, decoded, settle, Frames, told } = world;
      new Frames(link, stage, () => true, () => true);
      frame('1');
      frame('2');
      matches('2');
      await settle();
      decoded.get('2')();
      matches('1');
      await settle();
      return [stage.seen, told()];
    }""") == [['2'], 2]


def test_a_frame_is_shown_as_soon_as_its_matches_come(page):
    assert in_frames(page, """async ({ link, stage, frame, matches, decoded, settle, Frames }) => {
      const timeouts = [];
      const { setTimeout } = window;
      window.setTimeout = (call) => timeouts.push(call);
      new Frames(link, stage, () => true, () => true);
      const seen = [];
      const look = async () => { await settle(); seen.push(stage.seen.length); };
      for (const key of ['1', '2']) frame(key);
      await look();
      matches('1');
      await look();
      timeouts.forEach((call) => call()); // the second one has waited long enough
      await look();
      frame('3');
      matches('3');
      await look();
      window.setTimeout = setTimeout;
      return seen;
    }""") == [0, 1, 2, 3]


STAGE = """async (wanted) => {
  const { Stage } = await import('/picture/stage.js');
  const root = document.createElement('div');
  for (const id of ['picture', 'hover']) {
    root.append(Object.assign(document.createElement('canvas'), { id }));
  }
  document.body.replaceChildren(root);
  const stage = new Stage(root);
  const filled = async (colour) => {
    const context = new OffscreenCanvas(8, 8).getContext('2d');
    context.fillStyle = colour;
    context.fillRect(0, 0, 8, 8);
    return context.canvas.convertToBlob();
  };
  const paint = async () => {
    stage.paint({ opacity: null, part: 1, answers: [], shade: false });
    const busy = () => root.getAttribute('aria-busy') === 'true';
    for (let n = 0; n < 5 || busy(); n += 1) await new Promise(requestAnimationFrame);
  };
  await stage.show({ key: 'red', picture: await filled('#f00') });
  await paint();
  const shown = await stage.show({ key: 'blue', picture: await filled('#00f') }, () => wanted);
  await paint();
  const copy = new OffscreenCanvas(8, 8).getContext('2d');
  copy.drawImage(root.querySelector('#picture'), 0, 0);
  return [shown, stage.frame.key, ...copy.getImageData(4, 4, 1, 1).data.slice(0, 3)];
}"""


def test_a_picture_that_is_wanted_no_more_once_it_is_decoded_is_not_shown(page):
    """A click meanwhile is about the picture that was there."""
    assert page.evaluate(STAGE, True) == [True, 'blue', 0, 0, 255]
    page.reload()
    assert page.evaluate(STAGE, False) == [False, 'red', 255, 0, 0]


def test_whether_a_frame_is_wanted_is_asked_again_once_it_is_decoded(page):
    assert in_frames(page, """async ({ link, stage, frame, decoded, settle, Frames }) => {
      let [live, ask, { show }] = [true, null, stage];
      stage.show = (one, wanted) => { ask = wanted; return show(one); };
      new Frames(link, stage, () => live, () => false);
      frame('1');
      await settle();
      const before = ask();
      live = false;
      return [before, ask()];
    }""") == [True, False]
