// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Antialiased lines along edges, by the rules of fastsam_ros/drawing/outlines.py.

/** @typedef {import('./edges.js').Size} Size */
/** @typedef {import('./masks.js').LabelMap} LabelMap */

const SOFTNESS = 0.7; // as in fastsam_ros/drawing/outlines.py
const SHARPENED = 1.75;
const TINY = 1e-6; // of a pixel: no part of it, but a rounding error

/**
 * Where only its box cut a segment there is no line; see `Style.is_cut`.
 * @param {Uint8Array} cut becomes 1 where there is no edge of anything
 * @param {LabelMap} map
 * @param {number} rank of the segment in the map
 * @param {Segment} segment
 * @param {{width: number, height: number}} size
 * @param {number} reach half a line's width, pixels
 * @param {Look} look
 */
export function markCuts(cut, map, rank, segment, { width, height }, reach, look) {
  const { x, y, width: w, height: h, area } = segment;
  if (Math.max(w, h) < look.cut_least || area >= look.cut_full * w * h) return;
  const isCut = (start, step, side, depth) => {
    let touching = 0;
    for (let k = 0, i = start; k < side; k += 1, i += step) if (map[i] === rank) touching += 1;
    return touching >= look.cut_least
      && touching >= look.cut_chord * 2 * side / Math.sqrt(Math.max(depth, 1));
  };
  const mark = (x0, y0, x1, y1) => {
    for (let row = Math.max(y0, 0); row < Math.min(y1, height); row += 1) {
      for (let i = row * width + Math.max(x0, 0); i < row * width + Math.min(x1, width); i += 1) {
        if (map[i] <= rank) cut[i] = 1;
      }
    }
  };
  const [top, bottom] = [y * width + x, (y + h - 1) * width + x];
  if (isCut(top, 1, w, h)) mark(x, y - reach, x + w, y + reach);
  if (isCut(bottom, 1, w, h)) mark(x, y + h - reach, x + w, y + h + reach);
  if (isCut(top, width, h, w)) mark(x - reach, y, x + reach, y + h);
  if (isCut(top + w - 1, width, h, w)) mark(x + w - reach, y, x + w + reach, y + h);
}

/**
 * Lines along edges of a picture that is painted smaller, or as it is, row by row: of rows only
 * the few that the blur reaches are held, so that they stay in the processor's cache.
 */
export class Lines {
  /**
   * @param {Size} size of the picture
   * @param {Size} shown as it is painted
   * @param {number} reach half a line's width, pixels of the picture
   */
  constructor(size, shown, reach) {
    const weights = kernel(SOFTNESS * reach);
    this.width = size.width;
    this.height = size.height;
    this.shown = shown;
    this.reach = reach;
    this.columns = spread(size.width, shown.width, weights);
    this.rows = spread(size.height, shown.height, weights);
    this.along = blank(shown.width); // edges blurred along one row of the picture
    // And across, by painted row.
    this.across = Array.from({ length: this.rows.taps }, () => blank(shown.width));
  }

  /**
   * @param {Uint32Array} edges pixels on edges, in order
   * @param {number} count how many there are
   * @param {LabelMap} map
   * @param {(row: Row, y: number) => void} visit is told of each painted row that has lines, and
   *     whose line it is: the smaller segment's
   */
  draw(edges, count, map, visit) {
    const { width, height, shown, rows, across } = this;
    let done = 0; // painted rows that nothing is added to any more
    const finish = (end) => {
      for (; done < end; done += 1) {
        const row = across[done % across.length];
        if (row.count) visit(row, done);
        clear(row);
      }
    };
    for (let y = 0, e = 0; y < height; y += 1) {
      finish(rows.first[y]);
      const first = e;
      while (e < count && edges[e] < (y + 1) * width) e += 1;
      if (e === first) continue;
      this.#blurAlong(edges.subarray(first, e), map, y);
      this.#blurAcross(y);
    }
    finish(shown.height);
  }

  #blurAlong(edges, map, y) {
    const { width, reach, columns } = this;
    const { strengths, ranks, lined } = this.along;
    const { first, taps, weights } = columns;
    const above = y >= reach ? reach * width : 0;
    let count = 0;
    for (let e = 0; e < edges.length; e += 1) {
      const i = edges[e];
      const x = i - y * width;
      const beside = x >= reach ? reach : 0;
      const rank = Math.max(map[i], map[i - above], map[i - beside], map[i - above - beside]);
      for (let k = x * taps, end = k + taps, at = first[x]; k < end; k += 1, at += 1) {
        const weight = weights[k];
        if (weight === 0) continue;
        if (strengths[at] === 0) {
          lined[count] = at;
          count += 1;
        }
        strengths[at] += weight;
        if (ranks[at] < rank) ranks[at] = rank;
      }
    }
    this.along.count = count;
  }

  #blurAcross(y) {
    const { along, across, rows: { first, taps, weights } } = this;
    for (let k = 0; k < taps; k += 1) {
      const weight = weights[y * taps + k];
      if (weight) addRow(along, weight, across[(first[y] + k) % across.length]);
    }
    clear(along);
  }
}

/**
 * Where a blurred pixel of a picture goes when that is painted smaller: each painted pixel is the
 * mean of those that it covers.
 * @param {number} size of the picture, along or across
 * @param {number} shown how large it is painted
 * @param {Float32Array} blur its weights
 * @returns {Spread}
 */
function spread(size, shown, blur) {
  const scale = shown / size;
  const radius = blur.length >> 1;
  const taps = Math.ceil(blur.length * scale) + (size === shown ? 0 : 1);
  const first = new Int32Array(size);
  const weights = new Float32Array(size * taps);
  for (let i = 0; i < size; i += 1) {
    first[i] = Math.max(Math.floor((i - radius) * scale), 0);
    for (let k = Math.max(radius - i, 0); k < blur.length && i + k - radius < size; k += 1) {
      const [from, to] = [(i + k - radius) * scale, (i + k - radius + 1) * scale];
      for (let at = Math.floor(from); at < Math.min(to, first[i] + taps, shown); at += 1) {
        const covered = Math.min(to, at + 1) - Math.max(from, at);
        if (covered > TINY) weights[i * taps + at - first[i]] += blur[k] * covered;
      }
    }
  }
  return { first, taps, weights };
}

/**
 * @typedef {object} Spread
 * @property {Int32Array} first painted pixel, for each one of the picture
 * @property {number} taps how many follow it, itself included
 * @property {Float32Array} weights of those
 */

/**
 * A row of pixels, few of which have a line.
 * @typedef {object} Row
 * @property {Float32Array} strengths of its lines, 0 to 1 and beyond
 * @property {Uint16Array} ranks whose they are
 * @property {Uint32Array} lined where it has any
 * @property {number} count in how many places
 */

/** @returns {Row} */
function blank(width) {
  return {
    strengths: new Float32Array(width), ranks: new Uint16Array(width),
    lined: new Uint32Array(width), count: 0,
  };
}

function addRow({ strengths, ranks, lined, count }, weight, to) {
  const { strengths: sums, ranks: highest, lined: places } = to;
  let found = to.count;
  for (let n = 0; n < count; n += 1) {
    const x = lined[n];
    if (sums[x] === 0) {
      places[found] = x;
      found += 1;
    }
    sums[x] += weight * strengths[x];
    if (highest[x] < ranks[x]) highest[x] = ranks[x];
  }
  to.count = found;
}

function clear(row) {
  for (let n = 0; n < row.count; n += 1) {
    row.strengths[row.lined[n]] = 0;
    row.ranks[row.lined[n]] = 0;
  }
  row.count = 0;
}

/** Of a Gaussian, as OpenCV makes it, times what makes a line whole again. */
function kernel(sigma) {
  const radius = (Math.round(sigma * 6 + 1) | 1) >> 1;
  const line = Array.from(
    { length: 2 * radius + 1 }, (_, k) => Math.exp(-((k - radius) ** 2) / (2 * sigma ** 2)));
  const sum = line.reduce((a, b) => a + b);
  return Float32Array.from(line, (value) => Math.sqrt(SHARPENED) * value / sum);
}
