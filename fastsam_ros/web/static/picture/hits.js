// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What is at a pixel, and which of it a click means.

const LEAST = 1e-5; // as in src/masks/clicks.cpp
const BORDER = 0.005;

const response = await fetch(new URL('../clicks.json', import.meta.url));

/** @type {{ nameless: ClickRule }} */
const { nameless: rule } = await response.json();

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
 * How good an answer to a click at a pixel a segment is, were the pixel in its mask: the logit of
 * fastsam_ros/core/clicks.py. How sure names and masks are frames do not bring: it is the rule for
 * networks without names, and masks are as sure as usual.
 * @param {Segment} segment
 * @param {number} x
 * @param {number} y
 * @param {{ width: number, height: number }} picture
 */
export function clickRank(segment, x, y, picture) {
  const { score, width, height } = segment;
  const away = [(x + 0.5 - segment.x) / width, (y + 0.5 - segment.y) / height]
    .map((along) => Math.abs(2 * along - 1));
  /** @type {Record<string, number>} */
  const evidence = {
    score: logit(score), share: Math.log(width * height / picture.width / picture.height),
    farther: Math.max(...away), nearer: Math.min(...away), sure: rule.evidence.sure.mean,
    cut: cutSides(segment, picture) };
  const known = Object.entries(rule.evidence);
  const units = rule.biases.map((bias, unit) => Math.max(0, known.reduce(
    (sum, [name, { weights }]) => sum + evidence[name] * weights[unit], bias)));
  return units.reduce((sum, unit, place) => sum + unit * rule.outputs[place], rule.offset);
}

/** @param {number} share */
function logit(share) {
  const within = Math.min(Math.max(share, LEAST), 1 - LEAST);
  return Math.log(within / (1 - within));
}

/**
 * How many sides of a segment's box the picture's border may have cut.
 * @param {Segment} segment
 * @param {{ width: number, height: number }} picture
 */
function cutSides({ x, y, width, height }, picture) {
  const near = BORDER * Math.max(picture.width, picture.height);
  const gaps = [x, y, picture.width - x - width, picture.height - y - height];
  return gaps.filter((gap) => gap < near).length;
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
