# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page paints as many pixels as the screen has, and looked at closely all of the picture."""

import cv2
from fake_bridge import FakeBridge, frame_packet
from made_picture import SIZE, made_picture
from page import Person
import pytest
from served import wait_for

TRIES = 500
LOOK = """async ([width, height]) => {
  const { Stage } = await import('/picture/stage.js');
  const root = document.createElement('div');
  root.style = 'position: relative; width: 100px; height: 50px';
  for (const id of ['picture', 'hover']) {
    const canvas = Object.assign(document.createElement('canvas'), { id });
    canvas.style = 'position: absolute; width: 100%; height: 100%';
    root.append(canvas);
  }
  document.body.replaceChildren(root);
  const stage = new Stage(root);
  const frames = async (holds) => {
    while (!holds()) await new Promise(requestAnimationFrame);
  };
  const idle = async () => {
    for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
    await frames(() => root.getAttribute('aria-busy') === 'false');
    for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame); // to the screen
  };
  const made = new OffscreenCanvas(width, height).getContext('2d');
  for (let x = 0; x < width; x += 2) made.fillRect(x, 0, 1, height); // black, and nothing
  const blob = await made.canvas.convertToBlob();
  const segment = {
    id: 1, x: 20, y: 20, width: 60, height: 40, area: 2400, score: 1, counts: [0, 2400] };
  const frame = { key: '1', picture: blob, width, height, segments: [segment] };
  await stage.show(frame);
  stage.paint({ opacity: 0.5, part: 1, answers: [], shade: false });
  await frames(() => root.getAttribute('aria-busy') === 'false');
  const seen = async (id) => {
    await idle();
    const bitmap = await createImageBitmap(root.querySelector(id));
    const copy = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    copy.drawImage(bitmap, 0, 0);
    const at = (x, y) => [...copy.getImageData(
      Math.floor(x / width * bitmap.width), Math.floor(y / height * bitmap.height), 1, 1).data];
    return { size: [bitmap.width, bitmap.height], at };
  };
  const sized = async (columns) => {
    for (let n = 0; n < TRIES; n += 1) {
      if ((await seen('#picture')).size[0] === columns) return;
      await new Promise((resolve) => { setTimeout(resolve, 20); });
    }
    throw new Error(`never ${columns} pixels wide`);
  };
  return (HOW)({ stage, root, segment, seen, sized });
}"""


def look(page, size, how):
    """The result of a JavaScript function of a stage of 100 x 50 pixels that shows a picture."""
    return page.evaluate(LOOK.replace('HOW', how).replace('TRIES', str(TRIES)), size)


@pytest.mark.parametrize(('size', 'painted'), [
    ((400, 200), [100, 50]), ((80, 40), [80, 40])], ids=['larger', 'smaller'])
def test_no_more_pixels_are_painted_than_picture_or_screen_have(page, size, painted):
    assert look(page, size, """async ({ sized, seen }) => {
      await sized(COLUMNS);
      return (await seen('#picture')).size;
    }""".replace('COLUMNS', str(painted[0]))) == painted


def test_looked_at_closely_every_pixel_of_the_picture_is_painted(page):
    sizes, near, far = look(page, (400, 200), """async ({ stage, sized, seen }) => {
      const sizes = [];
      const values = [];
      for (const [close, columns] of [[true, 400], [false, 100]]) {
        stage.look(close);
        await sized(columns);
        const { size, at } = await seen('#picture');
        sizes.push(size);
        values.push([at(200, 150)[0], at(201, 150)[0], at(40, 40)[2]]);
      }
      return [sizes, ...values];
    }""")
    assert sizes == [[400, 200], [100, 50]]
    assert near[0] == 0 and near[1] == 0, 'transparent pictures are black'
    assert near[2] > 60 and far[2] > 60, 'segments are painted again'


def test_what_is_highlighted_stays_so_at_every_size(page):
    got = look(page, (400, 200), """async ({ stage, segment, sized, seen }) => {
      await sized(100);
      stage.hover(segment);
      const alphas = [];
      for (const [close, columns] of [[false, 100], [true, 400]]) {
        stage.look(close);
        await sized(columns);
        const { size, at } = await seen('#hover');
        alphas.push([size[0], at(50, 40)[3], at(200, 100)[3]]);
      }
      return alphas;
    }""")
    assert [size for size, _, _ in got] == [100, 400]
    assert all(40 <= inside <= 90 and outside == 0 for _, inside, outside in got)


def test_a_window_that_changes_its_size_is_painted_anew(page):
    assert look(page, (400, 200), """async ({ root, sized, seen }) => {
      await sized(100);
      root.style.width = '200px';
      root.style.height = '100px';
      await sized(200);
      return (await seen('#picture')).size;
    }""") == [200, 100]


def test_zooming_is_looking_closely(browser, serve):
    served = serve(FakeBridge())
    phone = Person(browser.new_page(viewport={'width': 390, 'height': 844}), SIZE)
    phone.page.goto(served.url())
    wait_for(lambda: served.bridge.watched, lambda: phone.page.wait_for_timeout(10))
    picture = cv2.imencode('.jpg', made_picture()[..., ::-1])[1].tobytes()
    served.bridge.deliver(frame_packet('', (1, 0), picture, [], SIZE))
    for key, columns in (('', 390), ('+', SIZE[0]), ('0', 390)):
        if key:
            phone.press(key)
        phone.until(f"() => document.getElementById('picture').width === {columns}")
    phone.page.close()
    assert phone.errors == []
