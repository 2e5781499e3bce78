# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the pointer finds on frames that come without segments; run in a real browser."""



STAGE = """async () => {
  const { Stage } = await import('/picture/stage.js');
  const root = document.createElement('div');
  for (const id of ['picture', 'overlay', 'hover']) {
    root.append(Object.assign(document.createElement('canvas'), { id }));
  }
  document.body.replaceChildren(root);
  const stage = new Stage(root);
  const context = new OffscreenCanvas(8, 8).getContext('2d');
  const picture = await context.canvas.convertToBlob();
  const show = (key, camera) => stage.show({ key, camera, kind: 'tracked', picture });
  const found = (id, camera) => ({ camera, segments: [
    { id, x: 0, y: 0, width: 8, height: 8, area: 64, score: 1, counts: Uint32Array.of(0, 64) }] });
  const seen = () => stage.at(4, 4)?.id ?? null;
  const ids = [];
  await show('1', 'front');
  ids.push(seen());
  stage.layBeside(found(1, 'front'));
  ids.push(seen());
  const { frame } = stage;
  await show('2', 'front');
  ids.push(seen());
  stage.layBeside(found(2, 'front'));
  ids.push(seen());
  await stage.show(frame);
  ids.push(seen());
  await show('3', 'rear');
  ids.push(seen());
  return ids;
}"""
FRAMES = """async () => {
  const { Frames } = await import('/picture/frames.js');
  const link = new EventTarget();
  const laid = [];
  let live = true;
  new Frames(link, { layBeside: (found) => laid.push(found) }, () => live, () => false);
  const say = (detail) => link.dispatchEvent(new CustomEvent('segments', { detail }));
  say('live');
  live = false;
  say('held');
  return laid;
}"""


def test_a_frame_of_before_has_what_was_beside_it_then(page):
    assert page.evaluate(STAGE) == [None, 1, 1, 2, 1, None]


def test_nothing_is_laid_beside_a_frame_that_is_held(page):
    assert page.evaluate(FRAMES) == ['live']
