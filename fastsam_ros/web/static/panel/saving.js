// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// An answer as files: a mask, a cut-out, COCO.

import { eachRun } from '../picture/masks.js';

const MARGIN = 8; // pixels around a cut-out

/**
 * White where any of the segments is, else black, as large as the picture.
 * @param {Segment[]} segments
 * @param {{width: number, height: number}} frame
 */
export function maskFile(segments, { width, height }) {
  const image = new ImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer).fill(0xff000000);
  for (const segment of segments) {
    eachRun(segment, width, (from, to) => pixels.fill(0xffffffff, from, to));
  }
  return png(image);
}

/**
 * The segments' pixels, everything else transparent, cut to where they are.
 * @param {Segment[]} segments
 * @param {Frame} frame
 */
export async function cutoutFile(segments, { picture, width, height }) {
  const bitmap = await createImageBitmap(picture);
  const context = canvasOf(width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const whole = context.getImageData(0, 0, width, height);
  const inside = new Uint8Array(width * height);
  for (const segment of segments) {
    eachRun(segment, width, (from, to) => inside.fill(1, from, to));
  }
  for (let i = 0; i < inside.length; i += 1) if (!inside[i]) whole.data[4 * i + 3] = 0;
  context.putImageData(whole, 0, 0);
  const [x0, y0, x1, y1] = around(segments, width, height);
  return png(context.getImageData(x0, y0, x1 - x0, y1 - y0));
}

/**
 * COCO's annotations, each mask as uncompressed run lengths, column by column as COCO wants it.
 * @param {Segment[]} segments
 * @param {{width: number, height: number}} frame
 */
export function cocoFile(segments, { width, height }) {
  const names = [...new Set(segments.map(({ label }) => label || 'segment'))];
  const annotations = segments.map((segment, n) => ({
    id: n + 1,
    image_id: 1,
    category_id: names.indexOf(segment.label || 'segment') + 1,
    iscrowd: 0,
    area: segment.area,
    score: segment.promptScore || segment.score,
    bbox: [segment.x, segment.y, segment.width, segment.height],
    segmentation: { size: [height, width], counts: columnCounts(segment, width, height) },
  }));
  const file = {
    images: [{ id: 1, file_name: 'picture.jpg', width, height }],
    categories: names.map((name, n) => ({ id: n + 1, name })),
    annotations,
  };
  return new Blob([JSON.stringify(file)], { type: 'application/json' });
}

/**
 * Have the browser save a file.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function columnCounts(segment, width, height) {
  const mask = new Uint8Array(width * height);
  eachRun(segment, width, (from, to) => mask.fill(1, from, to));
  const counts = [];
  let [value, run] = [0, 0];
  for (let x = 0; x < width; x += 1) {
    for (let i = x; i < mask.length; i += width) {
      if (mask[i] !== value) {
        counts.push(run);
        [value, run] = [mask[i], 0];
      }
      run += 1;
    }
  }
  counts.push(run);
  return counts;
}

/** The rectangle around segments, with a margin, inside the picture. */
export function around(segments, width, height, margin = MARGIN) {
  const left = Math.min(...segments.map(({ x }) => x)) - margin;
  const top = Math.min(...segments.map(({ y }) => y)) - margin;
  const right = Math.max(...segments.map((s) => s.x + s.width)) + margin;
  const bottom = Math.max(...segments.map((s) => s.y + s.height)) + margin;
  return [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)];
}

function canvasOf(width, height) {
  const context = new OffscreenCanvas(width, height).getContext('2d');
  if (!context) throw new Error(`no canvas of ${width} x ${height} pixels`);
  return context;
}

function png(image) {
  const context = canvasOf(image.width, image.height);
  context.putImageData(image, 0, 0);
  return context.canvas.convertToBlob({ type: 'image/png' });
}
