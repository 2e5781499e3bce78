// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Run lengths to pixels.

/** @typedef {Uint8Array | Uint16Array} LabelMap */

/**
 * Calls `visit(from, to)` for each row's piece of a run, as indices into width x height pixels.
 * @param {Segment} segment
 * @param {number} width
 * @param {(from: number, to: number) => void} visit
 */
export function eachRun(segment, width, visit) {
  const { x, y, width: columns, counts } = segment;
  let at = 0;
  for (let i = 0; i < counts.length; at += counts[i], i += 1) {
    if (!(i & 1)) continue; // background
    const end = at + counts[i];
    for (let p = at; p < end;) {
      const row = Math.floor(p / columns);
      const stop = Math.min(end, (row + 1) * columns);
      const from = (y + row) * width + x + p - row * columns;
      visit(from, from + stop - p);
      p = stop;
    }
  }
}

/**
 * Which segment is seen at each pixel: 0 for none, else its position + 1; later ones on top.
 * @param {Segment[]} segments
 * @param {number} width
 * @param {LabelMap} map is written over as a whole
 */
export function labelMap(segments, width, map) {
  map.fill(0);
  segments.forEach((segment, n) => {
    eachRun(segment, width, (from, to) => map.fill(n + 1, from, to));
  });
}
