// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The worker that paints: pictures and masks never cost the page's own thread a frame.

import { colour, fillOpacity, light, look } from './look.js';
import { Overlay } from './overlay.js';

const SHADE = { red: 6, green: 9, blue: 14, alpha: 0.55 }; // over everything that does not answer
const WHITE = { red: 255, green: 255, blue: 255 };
const ANSWER_LEAST = 0.3; // an answer's fill is never fainter
const HOVER = 0.25;
const MARGIN = 4; // pixels around what is highlighted, for its lines

/** @typedef {import('./edges.js').Size} Size */
/** @typedef {{bitmap: ImageBitmap, segments: Segment[], width: number, height: number}} Decoded */

/** @type {Record<string, OffscreenCanvasRenderingContext2D>} */
const layers = {};
const overlayed = canvasOf({ width: 1, height: 1 }); // what is laid over the picture
/** @type {Overlay | null} */
let overlay = null; // of the sizes that were drawn last
/** @type {Map<number, Decoded>} */
const pending = new Map(); // shown by the overlay of the same number
/** @type {Decoded | null} */
let shown = null;
/** @type {{opacity: number | null, part: number, answers: Segment[], shade: boolean}} */
let drawing = { opacity: null, part: 1, answers: [], shade: false };
let room = { width: Infinity, height: Infinity }; // that the picture has on the screen, pixels
/** @type {Segment | null} */
let hovered = null;

const tasks = {
  canvases: take, picture: readPicture, room: fitRoom, overlay: paintOverlay, hover: paintHover,
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

/** All segments (opacity null: none), and answers on top; `shade` darkens what is no answer. */
function paintOverlay({ number, painted, opacity, part, answers, shade }) {
  drawing = { opacity, part, answers, shade };
  turnTo(number);
  paint();
  self.postMessage({ painted });
}

/** The picture is as large on the screen now; without numbers every one of its pixels is seen. */
function fitRoom({ painted, width, height }) {
  room = { width: width || Infinity, height: height || Infinity };
  paint();
  highlight();
  self.postMessage({ painted });
}

function paintHover({ segment }) {
  hovered = segment;
  highlight();
}

/** The picture of that number is the one on the screen, and those before it have passed. */
function turnTo(number) {
  const next = pending.get(number);
  if (!next) return;
  shown?.bitmap.close();
  shown = next;
  pending.delete(number);
  for (const [older, { bitmap }] of pending) {
    if (older > number) continue;
    bitmap.close();
    pending.delete(older);
  }
}

/** Paint no more pixels than the picture or the screen have. */
function paint() {
  if (!shown) return;
  const { bitmap, width, height } = shown;
  const context = layers.picture;
  const size = {
    width: Math.min(width, room.width), height: Math.min(height, room.height) };
  const image = drawOverlay(size);
  resize(context.canvas, size);
  context.drawImage(bitmap, 0, 0, size.width, size.height);
  if (!image) return;
  resize(overlayed.canvas, size);
  overlayed.putImageData(image, 0, 0);
  context.drawImage(overlayed.canvas, 0, 0);
}

/** @param {Size} size in which it is painted */
function drawOverlay(size) {
  const { opacity, part, answers, shade } = drawing;
  const { width, height, segments } = /** @type {Decoded} */ (shown);
  const under = opacity === null ? [] : segments;
  if (!under.length && !answers.length) return null;
  const upper = [...answers].sort((a, b) => b.area - a.area);
  const around = shade ? SHADE : { ...SHADE, alpha: 0 };
  const stack = [...under, ...upper];
  const fills = [around, ...under.map((segment) => blend(
    tint(segment, fillOpacity(segment.area, width * height, opacity) * part), around)),
  ...upper.map((segment) => tint(
    segment, Math.max(fillOpacity(segment.area, width * height, look.opacity), ANSWER_LEAST)))];
  const lines = [around, ...under.map(({ id }) => rgba(light(id), look.line_opacity * part)),
    ...upper.map(({ id }) => rgba(light(id), look.line_opacity))];
  if (!overlay?.fits({ width, height }, size)) {
    overlay = new Overlay({ width, height }, size, look);
  }
  return overlay.draw(stack, fills, lines);
}

/** Highlight one segment, or with null none. */
function highlight() {
  const { canvas } = layers.hover;
  resize(canvas, layers.picture.canvas);
  layers.hover.clearRect(0, 0, canvas.width, canvas.height);
  if (!shown || !hovered?.width) return;
  const size = { width: hovered.width + 2 * MARGIN, height: hovered.height + 2 * MARGIN };
  const own = new Overlay(size, size, { ...look, cut_full: 0 });
  const [none, fill, line] = [0, HOVER, 1].map((alpha) => ({ ...WHITE, alpha }));
  const local = canvasOf(size);
  local.putImageData(
    own.draw([{ ...hovered, x: MARGIN, y: MARGIN }], [none, fill], [none, line]), 0, 0);
  const [across, down] = [canvas.width / shown.width, canvas.height / shown.height];
  layers.hover.drawImage(
    local.canvas, (hovered.x - MARGIN) * across, (hovered.y - MARGIN) * down,
    size.width * across, size.height * down);
}

function canvasOf({ width, height }) {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error(`no canvas of ${width} x ${height} pixels`);
  return context;
}

/** Which clears it. */
function resize(canvas, { width, height }) {
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
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
