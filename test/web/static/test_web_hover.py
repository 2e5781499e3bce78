# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the pointer highlights is what a click would take; run in a real browser."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np

from fastsam_ros.core.clicks import click_logits

BOXES = [
    (0, 0, 300, 300), (40, 40, 120, 200), (10, 100, 310, 140), (90, 90, 110, 110),
    (1, 2, 319, 318)]  # the border cuts what is within 1.6 pixels of it
SCORES = [1.0, 0.8, 0.6, 0.3, 0.0]
RANKS = """async ([segments, points, picture]) => {
  const { clickRank } = await import('/picture/hits.js');
  return segments.map((segment) => points.map(([x, y]) => clickRank(segment, x, y, picture)));
}"""


def test_the_page_ranks_segments_as_the_node_does(page):
    scene = replace(made_scene(BOXES, [(0, 0, 0)] * 5, SCORES), prototypes=None)
    points = [[x, y] for x in range(0, 320, 40) for y in range(0, 320, 40)]
    segments = [
        {'score': score, 'x': x0, 'y': y0, 'width': x1 - x0, 'height': y1 - y0}
        for (x0, y0, x1, y1), score in zip(BOXES, SCORES)]
    picture = {'width': scene.width, 'height': scene.height}
    found = page.evaluate(RANKS, [segments, points, picture])
    wanted = click_logits(scene, np.array(points))
    assert np.ptp(wanted) > 1
    np.testing.assert_allclose(found, wanted, atol=1e-3)  # of float32, 1 - 1e-5 is coarse


AT = """async () => {
  const { Stage } = await import('/picture/stage.js');
  const segment = (id, x, size, score, counts) => (
    { id, x, y: x, width: size, height: size, score, counts: Uint32Array.from(counts) });
  const segments = [
    segment('beside', 2, 4, 0.9, [16]), segment('best', 2, 4, 0.8, [0, 16]),
    segment('large', 0, 20, 0.3, [0, 400])];
  const root = document.createElement('div');
  for (const id of ['picture', 'hover']) {
    root.append(Object.assign(document.createElement('canvas'), { id }));
  }
  document.body.replaceChildren(root);
  const stage = new Stage(root);
  Object.assign(stage, { width: 40, height: 40, frame: { segments } });
  const found = [stage.at(4, 4).id, stage.at(15, 15).id, stage.at(30, 30)];
  stage.frame.segments.reverse();
  return [...found, stage.at(4, 4).id];
}"""


def test_the_best_of_what_holds_the_pixel_is_highlighted(page):
    assert page.evaluate(AT) == ['best', 'large', None, 'best']
