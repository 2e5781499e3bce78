// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What is at a pixel, and which of it a click means.

const SMALLNESS = -0.3; // as in fastsam_ros/core/clicks.py
const OFF_CENTRE = -0.7;

/** @type {WeakMap<Segment, Uint32Array>} */
const ends = new WeakMap();

/**
 * Whether a segment's mask holds a pixel.
 * @param {Segment} segment
 * @param {number} x
 * @param {number} y
 */
export function contains(segment, x, y) {
  const [column, row] = [x - segment.x, y - segment.y];
  if (column < 0 || row < 0 || column >= segment.width || row >= segment.height) return false;
  const place = row * segment.width + column;
  const found = runEnds(segment);
  let [low, high] = [0, found.length];
  while (low < high) { // the first run that ends behind the place
    const middle = (low + high) >> 1;
    if (found[middle] > place) high = middle;
    else low = middle + 1;
  }
  return (low & 1) === 1;
}

/**
 * How good an answer to a click at a pixel a segment is, were the pixel in its mask: the rule of
 * docs/points.md, less what frames do not bring, how sure names and masks are.
 * @param {Segment} segment
 * @param {number} x
 * @param {number} y
 */
export function clickRank({ score, x: left, y: top, width, height }, x, y) {
  const [across, down] = [(x + 0.5 - left) / width, (y + 0.5 - top) / height];
  const offCentre = Math.max(Math.abs(2 * across - 1), Math.abs(2 * down - 1));
  return score * (width * height) ** SMALLNESS * Math.exp(OFF_CENTRE * offCentre);
}

/** @param {Segment} segment */
function runEnds(segment) {
  let found = ends.get(segment);
  if (!found) {
    let sum = 0;
    found = Uint32Array.from(segment.counts, (count) => { sum += count; return sum; });
    ends.set(segment, found);
  }
  return found;
}
