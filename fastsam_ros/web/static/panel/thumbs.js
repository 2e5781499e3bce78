// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Small pictures of things: what a person knows them by.

import { around } from './saving.js';

const SIDE = 96; // pixels; shown at half of it on a sharp screen
const ROOM = 0.15; // around the thing, of its longer side

/**
 * Draw the things of a frame into a canvas, cut out as a square.
 * @param {HTMLCanvasElement} canvas
 * @param {Frame} frame
 * @param {Segment[]} segments
 */
export async function drawThumb(canvas, frame, segments) {
  const { picture, width, height } = frame;
  const longer = Math.max(1, ...segments.map((s) => Math.max(s.width, s.height)));
  const [x0, y0, x1, y1] = segments.length
    ? around(segments, width, height, Math.round(ROOM * longer)) : [0, 0, width, height];
  const bitmap = await createImageBitmap(picture).catch(() => null);
  const context = canvas.getContext('2d');
  if (!bitmap || !context) return;
  const scale = bitmap.width / width; // a large camera's picture came smaller
  const side = Math.max(x1 - x0, y1 - y0);
  const [w, h] = [(x1 - x0) / side * SIDE, (y1 - y0) / side * SIDE];
  Object.assign(canvas, { width: SIDE, height: SIDE });
  context.imageSmoothingQuality = 'high';
  context.drawImage(
    bitmap, x0 * scale, y0 * scale, (x1 - x0) * scale, (y1 - y0) * scale,
    (SIDE - w) / 2, (SIDE - h) / 2, w, h);
  bitmap.close();
}
