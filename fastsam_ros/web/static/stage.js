// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The picture and the layers over it, all of the picture's own size.

import { bright, colour } from './colours.js';
import { indexMap, paint, rgba } from './masks.js';

const WHITE = [255, 255, 255];
const SHADE = [6, 9, 14];
const SHADE_ALPHA = 0.5; // over everything that does not answer
const ANSWER_ALPHA = 0.5;
const HOVER_ALPHA = 0.22;

export class Stage {
  #layers;
  #map = null; // of the frame's segments
  #answers = null; // map of what answers; it shows on the bare picture
  #hovered = null;

  /** `root` holds the canvases picture, segments, answers and hover. */
  constructor(root) {
    this.root = root;
    const layer = (name) => root.querySelector(`#${name}`).getContext('2d');
    this.#layers = {
      picture: layer('picture'), segments: layer('segments'), answers: layer('answers'),
      hover: layer('hover'),
    };
    this.frame = null;
  }

  get width() {
    return this.#layers.picture.canvas.width;
  }

  get height() {
    return this.#layers.picture.canvas.height;
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

  /** Show a frame: `bitmap`, `segments` (or null), `width`, `height`. */
  show(frame) {
    this.frame?.bitmap.close();
    this.frame = frame;
    this.#resize(frame.width, frame.height);
    this.#layers.picture.drawImage(frame.bitmap, 0, 0, frame.width, frame.height);
    this.#map = frame.segments && indexMap(frame.segments, frame.width, frame.height);
    this.hover(null);
  }

  /**
   * Paint all segments at an opacity, or with null nothing; `part` of it beside an answer.
   * Answers are painted first.
   */
  paintSegments(opacity, part) {
    const { segments: context } = this.#layers;
    if (!this.#map || opacity === null) {
      this.#clear(context);
      return;
    }
    const tints = this.frame.segments.map(({ id }) => [
      rgba(colour(id), opacity * part), rgba(bright(id), part)]);
    const image = this.#painted(this.#map, tints, 0);
    if (this.#answers) cut(image, this.#answers);
    context.putImageData(image, 0, 0);
  }

  /** Paint segments that answer; `shade` darkens everything else. */
  paintAnswers(segments, shade) {
    const { answers: context } = this.#layers;
    this.#answers = null;
    if (!segments.length) {
      this.#clear(context);
      return;
    }
    const ordered = [...segments].sort((a, b) => b.area - a.area);
    const map = indexMap(ordered, this.width, this.height);
    this.#answers = map;
    const tints = ordered.map(({ id }) => [rgba(colour(id), ANSWER_ALPHA), rgba(WHITE, 1)]);
    const around = shade ? rgba(SHADE, SHADE_ALPHA) : 0;
    context.putImageData(this.#painted(map, tints, around), 0, 0);
  }

  /** The segment seen at a pixel, or null. */
  at(x, y) {
    const n = this.#map?.[y * this.width + x] ?? 0;
    return n ? this.frame.segments[n - 1] : null;
  }

  /** Highlight one segment, or with null none. */
  hover(segment) {
    if (segment === this.#hovered) return;
    this.#hovered = segment;
    const { hover: context } = this.#layers;
    this.#clear(context);
    if (!segment?.width) return;
    const { x, y, width, height } = segment;
    const local = indexMap([{ ...segment, x: 1, y: 1 }], width + 2, height + 2);
    const tints = [[rgba(WHITE, HOVER_ALPHA), rgba(WHITE, 1)]];
    context.putImageData(
      paint(local, width + 2, height + 2, ...columns(tints, 0)), x - 1, y - 1);
  }

  #painted(map, tints, background) {
    return paint(map, this.width, this.height, ...columns(tints, background));
  }

  #resize(width, height) {
    if (this.width === width && this.height === height) return;
    for (const { canvas } of Object.values(this.#layers)) {
      canvas.width = width;
      canvas.height = height;
    }
    this.root.style.setProperty('--ratio', width / height);
  }

  #clear(context) {
    context.clearRect(0, 0, this.width, this.height);
  }
}

/** Take away what lies under a map's segments. */
function cut(image, map) {
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < map.length; i += 1) if (map[i]) pixels[i] = 0;
}

function columns(tints, background) {
  return [
    Uint32Array.from([background, ...tints.map(([fill]) => fill)]),
    Uint32Array.from([background, ...tints.map(([, line]) => line)]),
  ];
}
