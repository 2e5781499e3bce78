# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's JavaScript computes what Python computes; run in a real browser."""

from fake_bridge import FakeBridge, frame_packet, segment
import numpy as np
import pytest
from served import Served

from fastsam_ros.core.run_lengths import RunLengths
from fastsam_ros.drawing.overlay import draw, label_map
from fastsam_ros.drawing.palette import colours
from fastsam_ros.web.session.hub import Hub

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


@pytest.fixture(scope='module')
def page(browser):
    bridge = FakeBridge()
    server = Served(Hub(bridge), bridge)
    page = browser.new_page()
    page.goto(server.url())
    yield page
    page.close()
    server.stop()


def test_colours_are_the_same(page):
    got = page.evaluate(
        "async (ids) => { const m = await import('/colours.js'); return ids.map(m.colour); }", IDS)
    assert got == colours(IDS).tolist()


def test_bright_colours_are_the_same(page):
    got = page.evaluate(
        "async (ids) => { const m = await import('/colours.js'); return ids.map(m.bright); }", IDS)
    assert got == (colours(IDS) // 2 + 128).tolist()


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
  const { indexMap } = await import('/masks.js');
  return [...indexMap(segments, width, height)];
}"""


def test_run_lengths_are_decoded_alike_smaller_ones_on_top(page, segments, ids):
    got = page.evaluate(MAP, [plain(segments, ids), SHAPE[1], SHAPE[0]])
    assert np.array_equal(np.reshape(got, SHAPE), label_map(segments, *SHAPE))


PAINT = """async ([segments, width, height]) => {
  const { indexMap, paint, rgba } = await import('/masks.js');
  const { bright, colour } = await import('/colours.js');
  const table = (tint) => Uint32Array.from([0, ...segments.map(({ id }) => rgba(tint(id), 1))]);
  const image = paint(
    indexMap(segments, width, height), width, height, table(colour), table(bright));
  return [...image.data];
}"""


def test_fills_and_lines_are_painted_alike(page, segments, ids):
    got = page.evaluate(PAINT, [plain(segments, ids), SHAPE[1], SHAPE[0]])
    got = np.reshape(got, (*SHAPE, 4))
    expected = draw(np.zeros((*SHAPE, 3), np.uint8), segments, ids, opacity=1.0)
    covered = label_map(segments, *SHAPE) > 0
    assert np.array_equal(got[..., 3] > 0, covered)
    same = (got[..., :3] == expected).all(axis=2)[covered]
    # A line turns a corner by its diagonal in one and not in the other.
    assert same.mean() > 0.9


FRAMES = """async (act) => {
  const { Frames } = await import('/frames.js');
  const link = new EventTarget();
  let told = 0;
  link.shown = () => { told += 1; };
  const stage = { frame: null, seen: [] };
  stage.show = (frame) => { stage.frame = frame; stage.seen.push(frame.key); };
  const say = (name, detail) => link.dispatchEvent(new CustomEvent(name, { detail }));
  const frame = (key) => say('frame', { camera: '', key, picture: key });
  const matches = (key) => say('prompted', { camera: '', key, segments: [] });
  const decoded = new Map(); // what a picture waits for until it can be drawn
  window.createImageBitmap = (key) => new Promise((resolve) => {
    decoded.set(key, () => resolve({ width: 1, height: 1, close() {} }));
  });
  const settle = async () => { for (let n = 0; n < 20; n += 1) await null; };
  const world = { link, stage, frame, matches, decoded, settle, Frames, told: () => told };
  return WHAT(world);
}"""


def in_frames(page, what):
    """The result of a JavaScript function of a made-up link, stage and decoder."""
    return page.evaluate(FRAMES.replace('WHAT', f'({what})'))


def test_a_frame_that_took_longer_than_a_later_one_is_not_shown(page):
    assert in_frames(page, """async ({ link, stage, frame, decoded, settle, Frames, told }) => {
      new Frames(link, stage, () => true, () => false);
      for (const key of ['1', '2', '3']) frame(key);
      for (const key of ['2', '1', '3']) { decoded.get(key)(); await settle(); }
      return [stage.seen, told()];
    }""") == [['2', '3'], 3]


def test_a_frame_is_shown_as_soon_as_its_matches_come(page):
    assert in_frames(page, """async ({ link, stage, frame, matches, decoded, settle, Frames }) => {
      const timeouts = [];
      const { setTimeout } = window;
      window.setTimeout = (call) => timeouts.push(call);
      new Frames(link, stage, () => true, () => true);
      const seen = [];
      const look = async () => { await settle(); seen.push(stage.seen.length); };
      for (const key of ['1', '2']) { frame(key); decoded.get(key)(); }
      await look();
      matches('1');
      await look();
      timeouts.forEach((call) => call()); // the second one has waited long enough
      await look();
      frame('3');
      matches('3');
      decoded.get('3')();
      await look();
      window.setTimeout = setTimeout;
      return seen;
    }""") == [0, 1, 2, 3]
