// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The pointer of who uses the keyboard: a place on the picture, and a box that begins there.

const SPEAK_AFTER = 350; // milliseconds that it rests

export class Crosshair {
  #place = null;
  #anchor = null; // where a box began
  #timer = 0;

  /** `on.rest([x, y])` when it rests, `on.hover([x, y] or null)` as it moves. */
  constructor(stage, marks, on) {
    this.stage = stage;
    this.marks = marks;
    this.on = on;
  }

  /** Where it is; the middle of the picture at first. */
  get place() {
    this.#place ??= [Math.floor(this.stage.width / 2), Math.floor(this.stage.height / 2)];
    return this.stage.clamp(...this.#place);
  }

  get boxing() {
    return this.#anchor !== null;
  }

  move(dx, dy) {
    const [x, y] = this.place;
    this.#place = this.stage.clamp(x + dx, y + dy);
    this.show();
    this.on.hover(this.#place);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.on.rest(this.#place), SPEAK_AFTER);
  }

  show() {
    this.marks.set({ crosshair: this.place, draft: this.boxing ? this.#box() : null });
  }

  /** Out of sight; it comes back where it was. A box that has begun stays. */
  hide() {
    if (this.boxing) return;
    clearTimeout(this.#timer);
    this.marks.set({ crosshair: null });
    this.on.hover(null);
  }

  beginBox() {
    this.#anchor = this.place;
    this.show();
  }

  /** The box from where it began to here: [x0, y0, x1, y1]. */
  endBox() {
    const box = this.#box();
    this.dropBox();
    return box;
  }

  dropBox() {
    this.#anchor = null;
    this.marks.set({ draft: null });
  }

  #box() {
    const [ax, ay] = this.#anchor;
    const [x, y] = this.place;
    return [Math.min(ax, x), Math.min(ay, y), Math.max(ax, x) + 1, Math.max(ay, y) + 1];
  }
}
