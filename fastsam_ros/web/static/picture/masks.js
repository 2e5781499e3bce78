// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Run lengths to pixels, by the rules of fastsam_ros/drawing/style.py; runs in the worker.

const SOFTNESS = 0.7; // as in fastsam_ros/drawing/outlines.py
const SHARPENED = 1.75;

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
 * @param {number} height
 */
export function indexMap(segments, width, height) {
  const map = new Uint16Array(width * height);
  segments.forEach((segment, n) => {
    eachRun(segment, width, (from, to) => map.fill(n + 1, from, to));
  });
  return map;
}

/**
 * The lines along all edges: whose they are, and how strong, 0 to 1, by pixel.
 * @param {Uint16Array} map
 * @param {Segment[]} segments in the map's order
 * @param {number} width
 * @param {number} height
 * @param {Look} look
 */
export function outlines(map, segments, width, height, look) {
  const reach = Math.max(1, Math.round(Math.min(width, height) * look.line_share));
  const edge = edges(map, width, height, reach);
  segments.forEach((segment, n) => {
    eraseCuts(edge, map, n + 1, segment, width, height, reach, look);
  });
  return spread(edge, map, width, height, reach);
}

/** Pixels whose square of 2 x reach pixels, anchored right and below its middle, is mixed. */
function edges(map, width, height, reach) {
  const edge = new Uint8Array(map.length);
  for (let y = 0, i = 0; y < height; y += 1) {
    const up = y >= reach ? reach * width : y * width;
    const down = y + reach - 1 < height ? (reach - 1) * width : 0;
    for (let x = 0; x < width; x += 1, i += 1) {
      const n = map[i];
      const left = x >= reach ? reach : x;
      const right = x + reach - 1 < width ? reach - 1 : 0;
      if (map[i - left] !== n || map[i - up] !== n || map[i - up - left] !== n
        || map[i + right] !== n || map[i + down] !== n) edge[i] = 1;
    }
  }
  return edge;
}

/** Where only its box cut a segment there is no line; see `Style.is_cut`. */
function eraseCuts(edge, map, rank, segment, width, height, reach, look) {
  const { x, y, width: w, height: h, area } = segment;
  if (Math.max(w, h) < look.cut_least || area >= look.cut_full * w * h) return;
  const cut = (start, step, side, depth) => {
    let touching = 0;
    for (let k = 0, i = start; k < side; k += 1, i += step) if (map[i] === rank) touching += 1;
    return touching >= look.cut_least
      && touching >= look.cut_chord * 2 * side / Math.sqrt(Math.max(depth, 1));
  };
  const erase = (x0, y0, x1, y1) => {
    for (let row = Math.max(y0, 0); row < Math.min(y1, height); row += 1) {
      for (let i = row * width + Math.max(x0, 0); i < row * width + Math.min(x1, width); i += 1) {
        if (map[i] <= rank) edge[i] = 0;
      }
    }
  };
  const [top, bottom] = [y * width + x, (y + h - 1) * width + x];
  if (cut(top, 1, w, h)) erase(x, y - reach, x + w, y + reach);
  if (cut(bottom, 1, w, h)) erase(x, y + h - reach, x + w, y + h + reach);
  if (cut(top, width, h, w)) erase(x - reach, y, x + reach, y + h);
  if (cut(top + w - 1, width, h, w)) erase(x + w - reach, y, x + w + reach, y + h);
}

/** Blur the edges, which smooths the steps of pixels; the smaller segment's line it is. */
function spread(edge, map, width, height, reach) {
  const { weights, radius } = kernel(SOFTNESS * reach);
  const strength = new Float32Array(map.length);
  const owner = new Uint16Array(map.length);
  for (let i = 0; i < edge.length; i += 1) {
    if (!edge[i]) continue;
    const x = i % width;
    const y = (i - x) / width;
    const above = y >= reach ? reach * width : 0;
    const beside = x >= reach ? reach : 0;
    const rank = Math.max(map[i], map[i - above], map[i - beside], map[i - above - beside]);
    for (let dy = -radius, k = 0; dy <= radius; dy += 1) {
      for (let dx = -radius; dx <= radius; dx += 1, k += 1) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const at = i + dy * width + dx;
        strength[at] += weights[k];
        if (owner[at] < rank) owner[at] = rank;
      }
    }
  }
  return { strength, owner };
}

const kernels = new Map();

/** Of a Gaussian, as OpenCV makes it, times what makes a line whole again. */
function kernel(sigma) {
  const known = kernels.get(sigma);
  if (known) return known;
  const radius = (Math.round(sigma * 6 + 1) | 1) >> 1;
  const line = Array.from(
    { length: 2 * radius + 1 }, (_, k) => Math.exp(-((k - radius) ** 2) / (2 * sigma ** 2)));
  const sum = line.reduce((a, b) => a + b);
  const weights = Float32Array.from(
    line.flatMap((a) => line.map((b) => SHARPENED * (a / sum) * (b / sum))));
  kernels.set(sigma, { weights, radius });
  return { weights, radius };
}

/**
 * Paint fills and lines; `fills` and `lines` are {red, green, blue, alpha}[] by index, 0 being
 * the background.
 * @param {Uint16Array} map
 * @param {{strength: Float32Array, owner: Uint16Array}} lined
 * @param {Tint[]} fills
 * @param {Tint[]} lines
 * @param {ImageData} image is painted over as a whole
 */
export function paint(map, { strength, owner }, fills, lines, image) {
  const pixels = new Uint32Array(image.data.buffer);
  const plain = Uint32Array.from(fills, pack);
  for (let i = 0; i < map.length; i += 1) {
    pixels[i] = strength[i] ? over(lines[owner[i]], strength[i], fills[map[i]]) : plain[map[i]];
  }
}

/** A pixel's value in an ImageData seen as Uint32Array, on the little-endian machines of today. */
function pack({ red, green, blue, alpha }) {
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** A line over a fill. */
function over(line, strength, fill) {
  const top = Math.min(strength, 1) * line.alpha;
  const under = fill.alpha * (1 - top);
  const alpha = top + under;
  if (alpha <= 0) return 0;
  const red = (line.red * top + fill.red * under) / alpha;
  const green = (line.green * top + fill.green * under) / alpha;
  const blue = (line.blue * top + fill.blue * under) / alpha;
  return ((Math.round(alpha * 255) << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8)
    | Math.round(red)) >>> 0;
}
