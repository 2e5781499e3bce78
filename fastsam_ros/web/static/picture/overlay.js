// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Segments as pixels to lay over a picture: fills, and lines along what is seen of their edges.

import { labelMap } from './masks.js';
import { Lines, markCuts } from './outlines.js';

const MOST_SMALL = 255; // segments whose ranks fit into bytes, which are read twice as fast

/** @typedef {import('./masks.js').LabelMap} LabelMap */

/** Draws over pictures of one size; what that takes is made once. */
export class Overlay {
  #pixels; // of the image, as the little-endian machines of today have them in one number
  /** @type {LabelMap} */
  #map;
  #edges; // pixels on edges, in order
  #cut;
  #reach; // half a line's width, pixels
  #lines;

  /**
   * @param {number} width
   * @param {number} height
   * @param {Look} look
   */
  constructor(width, height, look) {
    this.width = width;
    this.height = height;
    this.look = look;
    this.image = new ImageData(width, height);
    this.#pixels = new Uint32Array(this.image.data.buffer);
    this.#map = new Uint8Array(width * height);
    this.#edges = new Uint32Array(width * height);
    this.#cut = new Uint8Array(width * height);
    this.#reach = Math.max(1, Math.round(Math.min(width, height) * look.line_share));
    this.#lines = new Lines(width, height, this.#reach);
  }

  /**
   * Draw anew into `image`.
   * @param {Segment[]} segments largest first
   * @param {Tint[]} fills of the background, then of each segment
   * @param {Tint[]} lines likewise
   */
  draw(segments, fills, lines) {
    if (segments.length > MOST_SMALL && this.#map instanceof Uint8Array) {
      this.#map = new Uint16Array(this.width * this.height);
    }
    labelMap(segments, this.width, this.#map);
    this.#cut.fill(0);
    segments.forEach((segment, n) => {
      markCuts(this.#cut, this.#map, n + 1, segment, this, this.#reach, this.look);
    });
    const count = this.#fill(Uint32Array.from(fills, pack));
    this.#line(count, numbers(fills), numbers(lines));
    return this.image;
  }

  /**
   * Fill row by row, and find the pixels on edges: those whose square of 2 x reach pixels,
   * anchored right and below its middle, has corners that differ. Most of a picture has none, so
   * several pixels are passed over at once where all around is the same.
   * @returns {number} how many there are
   */
  #fill(colours) {
    const { width, height } = this;
    const [map, pixels, edges] = [this.#map, this.#pixels, this.#edges];
    const [cut, reach] = [this.#cut, this.#reach];
    const shift = map.BYTES_PER_ELEMENT === 1 ? 2 : 1;
    const step = 1 << shift;
    const words = new Int32Array(map.buffer, 0, map.length >> shift);
    const repeat = step === 4 ? 0x01010101 : 0x00010001;
    const passes = width % step === 0 && reach <= step;
    let count = 0;
    for (let y = 0; y < height; y += 1) {
      const [row, end] = [y * width, (y + 1) * width];
      const up = Math.min(reach, y) * width;
      const down = Math.min(reach - 1, height - 1 - y) * width;
      let seen = map[row]; // what is filled next, and where it began
      let from = row;
      let same = Math.imul(seen, repeat);
      for (let i = row; i < end;) {
        const [above, below] = [(i - up) >> shift, (i + down) >> shift];
        if (passes && words[i >> shift] === same && words[above] === same
          && words[above - 1] === same && words[below - 1] === same && (reach === 1
          || (words[below] === same && words[above + 1] === same && words[below + 1] === same))) {
          i += step;
          continue;
        }
        for (const stop = Math.min(i + step, end); i < stop; i += 1) {
          const n = map[i];
          const left = i - row < reach ? i - row : reach;
          const right = i + reach > end ? end - 1 - i : reach - 1;
          if ((map[i - up - left] !== n || map[i - up + right] !== n || map[i + down - left] !== n
            || map[i + down + right] !== n) && !cut[i]) {
            edges[count] = i;
            count += 1;
          }
          if (n === seen) continue;
          pixels.fill(colours[seen], from, i);
          seen = n;
          from = i;
          same = Math.imul(n, repeat);
        }
      }
      pixels.fill(colours[seen], from, end);
    }
    return count;
  }

  /** Lines over fills; both as `numbers` has them. */
  #line(count, fills, lines) {
    const [map, pixels] = [this.#map, this.#pixels];
    this.#lines.draw(this.#edges, count, map, (row, start) => {
      const { strengths, ranks, lined } = row;
      for (let n = 0; n < row.count; n += 1) {
        const x = lined[n];
        const line = 4 * ranks[x];
        const fill = 4 * map[start + x];
        const top = (strengths[x] < 1 ? strengths[x] : 1) * lines[line + 3];
        const alpha = top + fills[fill + 3] * (1 - top);
        const share = top / alpha;
        const rest = 1 - share;
        const red = lines[line] * share + fills[fill] * rest + 0.5;
        const green = lines[line + 1] * share + fills[fill + 1] * rest + 0.5;
        const blue = lines[line + 2] * share + fills[fill + 2] * rest + 0.5;
        pixels[start + x] = ((255 * alpha + 0.5) << 24) | (blue << 16) | (green << 8) | red;
      }
    });
  }
}

/** A pixel's value in an ImageData seen as Uint32Array. */
function pack({ red, green, blue, alpha }) {
  return ((Math.round(alpha * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/** Red, green, blue and alpha of each, one after the other. */
function numbers(tints) {
  return Float32Array.from(tints.flatMap(({ red, green, blue, alpha }) => [
    red, green, blue, alpha]));
}
