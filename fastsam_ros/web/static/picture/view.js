// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Zoom and pan: where on the stage the picture lies. What is drawn in it need not know.

const MOST = 12; // times
const STEP = 1.4; // of a key or a button
const WHEEL = 1 / 400; // of a notch; a trackpad sends small ones

export class View {
  #zoom = 1;
  #x = 0; // of the picture's middle from the stage's, CSS pixels
  #y = 0;

  /**
   * @param {HTMLElement} stage
   * @param {HTMLElement} frame
   * @param {() => void} changed
   */
  constructor(stage, frame, changed) {
    this.stage = stage;
    this.frame = frame;
    this.changed = changed;
    stage.addEventListener('wheel', (event) => {
      event.preventDefault();
      const notches = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 30 : 1;
      this.zoom(Math.exp(-event.deltaY * notches * WHEEL), event.clientX, event.clientY);
    }, { passive: false });
    new ResizeObserver(() => this.#apply()).observe(stage);
  }

  get zoomed() {
    return this.#zoom > 1;
  }

  /** Nearer or farther about a place on the screen; about the middle when none is given. */
  zoom(factor, clientX = NaN, clientY = NaN) {
    const box = this.stage.getBoundingClientRect();
    const px = Number.isNaN(clientX) ? 0 : clientX - box.left - box.width / 2;
    const py = Number.isNaN(clientY) ? 0 : clientY - box.top - box.height / 2;
    const next = Math.min(Math.max(this.#zoom * factor, 1), MOST);
    const ratio = next / this.#zoom;
    this.#x = px - (px - this.#x) * ratio;
    this.#y = py - (py - this.#y) * ratio;
    this.#zoom = next;
    this.#apply();
  }

  step(direction) {
    this.zoom(direction > 0 ? STEP : 1 / STEP);
  }

  /** Move by CSS pixels. */
  pan(dx, dy) {
    this.#x += dx;
    this.#y += dy;
    this.#apply();
  }

  reset() {
    this.zoom(1 / MOST);
  }

  /** The picture never leaves the stage: its edges go no farther than the stage's middle. */
  #apply() {
    const { offsetWidth: width, offsetHeight: height } = this.frame;
    const limit = (size, room) => Math.max((size * this.#zoom - room) / 2, 0);
    const [mx, my] = [
      limit(width, this.stage.clientWidth), limit(height, this.stage.clientHeight)];
    this.#x = Math.min(Math.max(this.#x, -mx), mx);
    this.#y = Math.min(Math.max(this.#y, -my), my);
    this.frame.style.transform = this.zoomed
      ? `translate(${this.#x}px, ${this.#y}px) scale(${this.#zoom})` : '';
    this.changed();
  }
}
