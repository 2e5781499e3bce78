// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Run lengths to pixels, as fastsam_ros/drawing/overlay.py paints them.

const LINE_SHARE = 1 / 540; // of the shorter side: the line is 1 px at VGA and 2 px at 1080p

/** Calls `visit(from, to)` for each row's piece of a run, as indices into width x height pixels. */
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

/** Which segment is seen at each pixel: 0 for none, else its position + 1; later ones on top. */
export function indexMap(segments, width, height) {
  const map = new Uint16Array(width * height);
  segments.forEach((segment, n) => {
    eachRun(segment, width, (from, to) => map.fill(n + 1, from, to));
  });
  return map;
}

/** A pixel's value in an ImageData seen as Uint32Array, on the little-endian machines of today. */
export function rgba([red, green, blue], alpha) {
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Fill every segment and draw a line along the inside of every edge that is seen.
 *
 * `fills` and `lines` are Uint32Arrays by index, 0 being the background, which gets no line.
 */
export function paint(map, width, height, fills, lines) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const reach = Math.max(1, Math.round(Math.min(width, height) * LINE_SHARE));
  for (let y = 0, i = 0; y < height; y += 1) {
    const up = y >= reach ? -reach * width : 0;
    const down = y + reach < height ? reach * width : 0;
    for (let x = 0; x < width; x += 1, i += 1) {
      const n = map[i];
      if (n === 0) {
        pixels[i] = fills[0];
        continue;
      }
      const left = x >= reach ? reach : 0;
      const right = x + reach < width ? reach : 0;
      const edge = map[i - left] !== n || map[i + right] !== n
        || map[i + up] !== n || map[i + down] !== n;
      pixels[i] = edge ? lines[n] : fills[n];
    }
  }
  return image;
}
