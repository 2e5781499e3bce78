// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The worker that paints: pictures and masks never cost the page's own thread a frame.

import { colour, fillOpacity, light, look } from './look.js';
import { Overlay } from './overlay.js';

const SHADE = { red: 6, green: 9, blue: 14, alpha: 0.55 }; // over everything that does not answer
const WHITE = { red: 255, green: 255, blue: 255 };
const ANSWER_LEAST = 0.3; // an answer's fill is never fainter
const HOVER = 0.25;

/** @type {Record<string, OffscreenCanvasRenderingContext2D>} */
const layers = {};
/** @type {Overlay | null} */
let overlay = null; // of the size that was drawn last
/** @type {Segment[]} */
let all = []; // of the picture that is shown
/** @typedef {{bitmap: ImageBitmap, segments: Segment[], width: number, height: number}} Decoded */
/** @type {Map<number, Decoded>} */
const pending = new Map(); // decoded, and shown by the overlay of the same number

const tasks = {
  canvases: take, picture: readPicture, overlay: paintOverlay, hover: paintHover,
};
let queue = Promise.resolve(); // one after the other

self.addEventListener('message', ({ data }) => {
  // The browser decodes in a thread of its own, while this one still paints the picture before.
  const decoded = data.picture && createImageBitmap(data.picture).catch(() => null);
  queue = queue.then(() => tasks[data.kind](data, decoded));
});
self.postMessage({ ready: true });

function take({ canvases }) {
  for (const [name, canvas] of Object.entries(canvases)) {
    layers[name] = canvas.getContext('2d', { alpha: name !== 'picture' });
  }
}

/** Tell a picture's size once it is decoded; it is shown together with its overlay. */
async function readPicture({ number, segments, width, height }, decoded) {
  const bitmap = await decoded;
  // Without segments the picture itself says how large it is.
  // They come once a frame, in order to paint: largest first.
  const next = bitmap && {
    bitmap, segments: [...(segments ?? [])].sort((a, b) => b.area - a.area),
    width: width ?? bitmap.width, height: height ?? bitmap.height,
  };
  if (next) pending.set(number, next);
  self.postMessage({ number, width: next?.width, height: next?.height });
}

function showPicture(number) {
  const next = pending.get(number);
  if (!next) return;
  const { bitmap, width, height } = next;
  all = next.segments;
  for (const { canvas } of Object.values(layers)) {
    if (canvas.width === width && canvas.height === height) continue;
    canvas.width = width;
    canvas.height = height;
  }
  layers.picture.drawImage(bitmap, 0, 0, width, height);
  for (const [older, { bitmap: passed }] of pending) {
    if (older > number) continue;
    passed.close();
    pending.delete(older);
  }
}

/** All segments (opacity null: none), and answers on top; `shade` darkens what is no answer. */
function paintOverlay(what) {
  drawOverlay(what);
  const { painted } = what;
  self.postMessage({ painted });
}

function drawOverlay({ number, opacity, part, answers, shade }) {
  const next = pending.get(number);
  const under = opacity === null ? [] : next?.segments ?? all;
  const context = layers.overlay;
  const { width, height } = next ?? context.canvas;
  if (!under.length && !answers.length) {
    showPicture(number);
    context.clearRect(0, 0, width, height);
    return;
  }
  const upper = [...answers].sort((a, b) => b.area - a.area);
  const around = shade ? SHADE : { ...SHADE, alpha: 0 };
  const stack = [...under, ...upper];
  const fills = [around, ...under.map((segment) => blend(
    tint(segment, fillOpacity(segment.area, width * height, opacity) * part), around)),
  ...upper.map((segment) => tint(
    segment, Math.max(fillOpacity(segment.area, width * height, look.opacity), ANSWER_LEAST)))];
  const lines = [around, ...under.map(({ id }) => rgba(light(id), look.line_opacity * part)),
    ...upper.map(({ id }) => rgba(light(id), look.line_opacity))];
  if (overlay?.width !== width || overlay.height !== height) {
    overlay = new Overlay(width, height, look);
  }
  overlay.draw(stack, fills, lines);
  showPicture(number);
  context.putImageData(overlay.image, 0, 0);
}

/** Highlight one segment, or with null none. */
function paintHover({ segment }) {
  const context = layers.hover;
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  if (!segment?.width) return;
  const margin = 4;
  const [width, height] = [segment.width + 2 * margin, segment.height + 2 * margin];
  const local = [{ ...segment, x: margin, y: margin }];
  const own = new Overlay(width, height, { ...look, cut_full: 0 });
  const [none, fill, line] = [0, HOVER, 1].map((alpha) => ({ ...WHITE, alpha }));
  context.putImageData(
    own.draw(local, [none, fill], [none, line]), segment.x - margin, segment.y - margin);
}

function tint({ id }, alpha) {
  return rgba(colour(id), alpha);
}

/**
 * @param {number[]} values
 * @param {number} alpha
 * @returns {Tint}
 */
function rgba([red, green, blue], alpha) {
  return { red, green, blue, alpha };
}

/** A tint under a shade. */
function blend(below, above) {
  const under = below.alpha * (1 - above.alpha);
  const alpha = above.alpha + under;
  if (!alpha) return below;
  const mix = (name) => Math.round((above[name] * above.alpha + below[name] * under) / alpha);
  return { red: mix('red'), green: mix('green'), blue: mix('blue'), alpha };
}
