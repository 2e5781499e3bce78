// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The picture and what lies over it; a worker paints them, in as many pixels as are seen.

import { clickRank, contains } from './hits.js';

const SETTLED = 80; // milliseconds that the window keeps its size: then the picture is repainted

export class Stage {
  /** @type {Worker} */
  #painter;
  #waiting = new Map(); // number of a picture -> what goes on once it is shown
  #next = 1;
  #number = 0; // of the picture on the screen
  #painted = 0; // how many overlays were asked for
  #hovered = null;
  /** @type {{camera: string, segments: Segment[]} | null} */
  #beside = null; // what the network found last, when frames come without it
  /** @type {Record<string, HTMLCanvasElement>} */
  #layers; // one that shows nothing is hidden: laying it over the picture costs as much
  #room = { width: 0, height: 0 }; // that the picture has on the screen, its pixels
  #close = false; // looked at closely: zoomed

  /** @param {HTMLElement} root holds the canvases picture, with segments, and hover */
  constructor(root) {
    this.root = root;
    this.#layers = Object.fromEntries(['picture', 'hover'].map((name) => [
      name, /** @type {HTMLCanvasElement} */ (root.querySelector(`#${name}`))]));
    /** @type {Frame | null} */
    this.frame = null;
    this.width = 0;
    this.height = 0;
    this.#painter = new Worker(new URL('painter.js', import.meta.url), { type: 'module' });
    this.ready = new Promise((resolve) => {
      this.#painter.addEventListener('message', ({ data }) => {
        if (data.ready) resolve(this.#hand());
        else this.#shown(data);
      });
    });
    this.#watchRoom();
  }

  /** Image pixels of a place on the screen, inside the image. */
  locate(clientX, clientY) {
    const box = this.root.getBoundingClientRect();
    const x = Math.floor((clientX - box.left) / box.width * this.width);
    const y = Math.floor((clientY - box.top) / box.height * this.height);
    return this.clamp(x, y);
  }

  clamp(x, y) {
    return [
      Math.min(Math.max(x, 0), this.width - 1), Math.min(Math.max(y, 0), this.height - 1)];
  }

  /**
   * Show a frame: `picture`, `segments` (or null), `width`, `height`; resolves to whether it is
   * on the screen: a picture that cannot be read is not, nor one that is no longer `wanted` once
   * it is decoded: a click meanwhile is about the picture that was there.
   * @param {Frame} frame
   * @param {() => boolean} [wanted]
   * @returns {Promise<boolean>}
   */
  async show(frame, wanted = () => true) {
    const { picture, segments, width, height } = frame;
    await this.ready;
    const number = this.#next;
    this.#next += 1;
    const size = await new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#painter.postMessage({ kind: 'picture', number, picture, segments, width, height });
    });
    if (!size.width || !wanted()) return false;
    this.#number = number;
    const newest = this.#beside;
    const beside = newest && newest.camera === frame.camera ? newest.segments : [];
    this.frame = { beside, ...frame, width: size.width, height: size.height };
    this.#resize(size.width, size.height);
    this.hover(null);
    return true;
  }

  /**
   * Lay what the network found last beside the frame on the screen, and those that follow it; one
   * that is shown again later has what was beside it then.
   * @param {{camera: string, segments: Segment[]}} found
   */
  layBeside(found) {
    this.#beside = found;
    if (this.frame?.camera === found.camera) this.frame.beside = found.segments;
  }

  /**
   * Paint all segments (opacity null: none) at `part` of their strength, and answers over them;
   * `shade` darkens everything that is no answer.
   */
  paint({ opacity, part, answers, shade }) {
    this.#paint({ kind: 'overlay', number: this.#number, opacity, part, answers, shade });
  }

  /** Looked at closely, each pixel of the picture is painted; else as many as the screen has. */
  look(close) {
    if (close === this.#close) return;
    this.#close = close;
    this.#fit();
  }

  /**
   * What a click at a pixel would take, by what the page knows of the node's rule, or null.
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    let [best, highest] = [null, -Infinity];
    for (const segment of this.#segments()) {
      const rank = contains(segment, x, y) ? clickRank(segment, x, y, this) : -Infinity;
      if (rank > highest) [best, highest] = [segment, rank];
    }
    return best;
  }

  /** The frame's own; of a frame that things were carried to, those beside it. */
  #segments() {
    const { frame } = this;
    return (frame?.kind === 'tracked' ? frame.beside : frame?.segments) ?? [];
  }

  /** Highlight one segment, or with null none. */
  hover(segment) {
    if (segment === this.#hovered) return;
    this.#hovered = segment;
    this.#layers.hover.hidden = !segment;
    this.#painter.postMessage({ kind: 'hover', segment });
  }

  #hand() {
    const canvases = Object.fromEntries(Object.entries(this.#layers).map(
      ([name, canvas]) => [name, canvas.transferControlToOffscreen()]));
    this.#painter.postMessage({ kind: 'canvases', canvases }, Object.values(canvases));
  }

  #watchRoom() {
    const exact = 'devicePixelContentBoxSize' in ResizeObserverEntry.prototype;
    let timer = 0;
    new ResizeObserver(([entry]) => {
      const [box] = exact ? entry.devicePixelContentBoxSize : entry.contentBoxSize;
      const sharp = exact ? 1 : devicePixelRatio;
      this.#room = {
        width: Math.round(box.inlineSize * sharp), height: Math.round(box.blockSize * sharp) };
      clearTimeout(timer);
      timer = setTimeout(() => this.#fit(), SETTLED);
    }).observe(this.#layers.picture, {
      box: exact ? 'device-pixel-content-box' : 'content-box' });
  }

  async #fit() {
    await this.ready;
    this.#paint({ kind: 'room', ...(this.#close ? { width: 0, height: 0 } : this.#room) });
  }

  #paint(what) {
    this.#painted += 1;
    this.root.setAttribute('aria-busy', 'true');
    this.#painter.postMessage({ ...what, painted: this.#painted });
  }

  #shown({ number, painted, ...size }) {
    if (painted === this.#painted) this.root.setAttribute('aria-busy', 'false');
    this.#waiting.get(number)?.(size);
    this.#waiting.delete(number);
  }

  #resize(width, height) {
    this.width = width;
    this.height = height;
    this.root.style.setProperty('--ratio', String(width / height));
  }
}
