// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Where the labels of a picture change.

/** @typedef {import('./masks.js').LabelMap} LabelMap */
/** @typedef {{width: number, height: number}} Size */

/** Rows of a label map as runs of one label each, and its pixels on edges. */
export class Edges {
  #looks; // at the pixel itself, and at the corners of its square

  /**
   * @param {Size} size
   * @param {number} reach half a line's width, pixels
   */
  constructor({ width, height }, reach) {
    this.width = width;
    this.height = height;
    this.starts = new Uint32Array(width * height + 1); // of runs, row after row
    this.rows = new Uint32Array(height + 1); // which of them is a row's first
    this.found = new Uint32Array(width * height); // pixels on edges, in order
    this.#looks = [
      new Look(0, 0), ...[-reach, reach - 1].flatMap(
        (down) => [new Look(-reach, down), new Look(reach - 1, down)])];
  }

  /**
   * Find the runs. Most of a picture is all alike, so several pixels are passed over at once.
   * @param {LabelMap} map
   */
  trace(map) {
    const { width, height, starts, rows } = this;
    const shift = map.BYTES_PER_ELEMENT === 1 ? 2 : 1;
    const step = 1 << shift;
    const words = new Int32Array(map.buffer, 0, map.length >> shift);
    const repeat = step === 4 ? 0x01010101 : 0x00010001;
    let count = 0;
    for (let y = 0, i = 0; y < height; y += 1) {
      let label = -1;
      let same = 0;
      rows[y] = count;
      for (const end = i + width; i < end;) {
        if (map[i] !== label) {
          label = map[i];
          same = Math.imul(label, repeat);
          starts[count] = i;
          count += 1;
        }
        i += 1;
        if (i & (step - 1)) continue;
        while (i + step <= end && words[i >> shift] === same) i += step;
      }
    }
    rows[height] = count;
    starts[count] = width * height;
  }

  /**
   * Find the pixels on edges: those whose square of 2 x reach pixels, anchored right and below its
   * middle, has corners that differ.
   * @param {LabelMap} map as it was traced
   * @param {Uint8Array} cut 1 where there is no edge of anything
   * @returns {number} how many there are
   */
  find(map, cut) {
    const { width, height, found } = this;
    const looks = this.#looks;
    let count = 0;
    for (let y = 0; y < height; y += 1) {
      for (const look of looks) look.begin(this, map, y);
      const row = y * width;
      for (let x = 0; x < width;) {
        const { label } = looks[0];
        let alike = true;
        let end = width; // of what all see now
        for (let k = 0; k < looks.length; k += 1) {
          if (looks[k].label !== label) alike = false;
          if (looks[k].end < end) ({ end } = looks[k]);
        }
        for (let i = row + x; !alike && i < row + end; i += 1) {
          if (cut[i]) continue;
          found[count] = i;
          count += 1;
        }
        for (let k = 0; k < looks.length; k += 1) {
          if (looks[k].end === end) looks[k].next(this, map);
        }
        x = end;
      }
    }
    return count;
  }
}

/** What is seen so far beside and below the pixels of a row, from the left to the right. */
class Look {
  label = 0;
  end = 0; // where another one is seen
  #run = 0;
  #last = 0; // run of the row that is looked at
  #origin = 0;

  constructor(beside, below) {
    this.beside = beside;
    this.below = below;
  }

  begin({ width, height, starts, rows }, map, y) {
    const row = Math.min(Math.max(y + this.below, 0), height - 1);
    this.#origin = row * width + this.beside;
    this.#last = rows[row + 1] - 1;
    this.#run = rows[row];
    while (this.#run < this.#last && starts[this.#run + 1] <= this.#origin) this.#run += 1;
    this.#see(width, starts, map);
  }

  next({ width, starts }, map) {
    if (this.#run < this.#last) this.#run += 1;
    this.#see(width, starts, map);
  }

  #see(width, starts, map) {
    this.label = map[starts[this.#run]];
    this.end = this.#run < this.#last ? starts[this.#run + 1] - this.#origin : width;
  }
}
