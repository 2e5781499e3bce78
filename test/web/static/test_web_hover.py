# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the pointer highlights is what a click would take; run in a real browser."""

from dataclasses import replace

from made_scene import made_scene
import numpy as np

from fastsam_ros.core.clicks import click_logits

BOXES = [(0, 0, 300, 300), (40, 40, 120, 200), (10, 100, 310, 140), (90, 90, 110, 110)]
SCORES = [0.9, 0.8, 0.6, 0.3]
RANKS = """async ([segments, points, picture]) => {
  const { clickRank } = await import('/picture/hits.js');
  return segments.map((segment) => points.map(([x, y]) => clickRank(segment, x, y, picture)));
}"""


def test_the_page_ranks_segments_as_the_node_does(page):
    scene = replace(made_scene(BOXES, [(0, 0, 0)] * 4, SCORES), prototypes=None)
    points = [[x, y] for x in range(0, 320, 40) for y in range(0, 320, 40)]
    segments = [
        {'score': score, 'x': x0, 'y': y0, 'width': x1 - x0, 'height': y1 - y0}
        for (x0, y0, x1, y1), score in zip(BOXES, SCORES)]
    picture = {'width': scene.width, 'height': scene.height}
    found = page.evaluate(RANKS, [segments, points, picture])
    wanted = click_logits(scene, np.array(points))
    assert np.ptp(wanted) > 1
    np.testing.assert_allclose(found, wanted, atol=1e-4)
