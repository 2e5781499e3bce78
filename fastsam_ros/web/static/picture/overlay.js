// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Segments as pixels to lay over a picture: fills, and lines along what is seen of their edges.

import { Edges } from './edges.js';
import { labelMap } from './masks.js';
import { Lines, markCuts } from './outlines.js';

const MOST_SMALL = 255; // segments whose ranks fit into bytes, which are read twice as fast

/** @typedef {import('./masks.js').LabelMap} LabelMap */
/** @typedef {import('./edges.js').Size} Size */

/** Draws over pictures of one size, painted in one size; what that takes is made once. */
export class Overlay {
  #pixels; // of the image, as the little-endian machines of today have them in one number
  /** @type {LabelMap} */
  #map; // of the picture
  #edges;
  #cut;
  #reach; // half a line's width, pixels of the picture
  #lines;
  #columns; // how many painted ones have their middle left of each of the picture's
  #rows; // above it, likewise

  /**
   * @param {Size} size of the picture, whose pixels segments are in
   * @param {Size} shown as it is painted: never larger than it is
   * @param {Look} look
   */
  constructor(size, shown, look) {
    const { width, height } = size;
    this.size = size;
    this.look = look;
    this.image = new ImageData(shown.width, shown.height);
    this.#pixels = new Uint32Array(this.image.data.buffer);
    this.#map = new Uint8Array(width * height);
    this.#cut = new Uint8Array(width * height);
    this.#reach = Math.max(1, Math.round(Math.min(width, height) * look.line_share));
    this.#edges = new Edges(size, this.#reach);
    this.#lines = new Lines(size, shown, this.#reach);
    this.#columns = before(width, shown.width);
    this.#rows = before(height, shown.height);
  }

  /**
   * Whether it paints pictures of a size in that size.
   * @param {Size} size
   * @param {Size} shown
   */
  fits(size, shown) {
    return alike(this.size, size) && alike(this.image, shown);
  }

  /**
   * Draw anew into `image`.
   * @param {Segment[]} segments largest first
   * @param {Tint[]} fills of the background, then of each segment
   * @param {Tint[]} lines likewise
   */
  draw(segments, fills, lines) {
    const { size } = this;
    if (segments.length > MOST_SMALL && this.#map instanceof Uint8Array) {
      this.#map = new Uint16Array(size.width * size.height);
    }
    labelMap(segments, size.width, this.#map);
    this.#cut.fill(0);
    segments.forEach((segment, n) => {
      markCuts(this.#cut, this.#map, n + 1, segment, size, this.#reach, this.look);
    });
    this.#edges.trace(this.#map);
    this.#fill(Uint32Array.from(fills, pack));
    this.#line(numbers(fills), numbers(lines));
    return this.image;
  }

  #fill(colours) {
    const { starts, rows } = this.#edges;
    const [map, pixels, columns] = [this.#map, this.#pixels, this.#columns];
    for (let y = 0; y < this.size.height; y += 1) {
      if (this.#rows[y] === this.#rows[y + 1]) continue; // not painted
      const [row, start] = [y * this.size.width, this.#rows[y] * this.image.width];
      for (let run = rows[y]; run < rows[y + 1]; run += 1) {
        const [from, to] = [columns[starts[run] - row], columns[starts[run + 1] - row]];
        pixels.fill(colours[map[starts[run]]], start + from, start + to);
      }
    }
  }

  /** Lines over fills; both as `numbers` has them. */
  #line(fills, lines) {
    const [map, pixels, { width, height }] = [this.#map, this.#pixels, this.size];
    const { width: columns, height: rows } = this.image;
    const across = width / columns;
    const count = this.#edges.find(map, this.#cut);
    this.#lines.draw(this.#edges.found, count, map, (row, y) => {
      const { strengths, ranks, lined } = row;
      const source = Math.floor((y + 0.5) * height / rows) * width;
      const start = y * columns;
      for (let n = 0; n < row.count; n += 1) {
        const x = lined[n];
        const line = 4 * ranks[x];
        const fill = 4 * map[source + ((x + 0.5) * across | 0)];
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

/** How many painted pixels have their middle before each one of the picture, and in all. */
function before(size, shown) {
  return Uint32Array.from(
    { length: size + 1 }, (_, n) => Math.max(Math.ceil(n * shown / size - 0.5), 0));
}

function alike(one, other) {
  return one.width === other.width && one.height === other.height;
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
