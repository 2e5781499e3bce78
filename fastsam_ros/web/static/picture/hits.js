// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks as run lengths, looked into without making pixels of them.

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
