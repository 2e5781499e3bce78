// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Colours and rules of drawing; the server tells them, as fastsam_ros/drawing/style.py has them.

const response = await fetch(new URL('../look.json', import.meta.url));

/** @type {Look} */
export const look = await response.json();

/**
 * Red, green and blue, 0 to 255, of a segment's id.
 * @param {number} id
 */
export function colour(id) {
  const { palette } = look;
  return palette[(id + palette.length - 1) % palette.length];
}

/**
 * The same, moved towards white: for lines.
 * @param {number} id
 */
export function light(id) {
  return colour(id).map((value) => Math.round(value + (255 - value) * look.line_light));
}

/**
 * As CSS writes it.
 * @param {number} id
 */
export function css(id) {
  return `rgb(${colour(id).join(' ')})`;
}

/**
 * How strongly a segment is filled: things are clear, sky and tables are a tint.
 * @param {number} area of the segment, pixels
 * @param {number} pixels of the picture
 * @param {number} opacity of a small segment
 */
export function fillOpacity(area, pixels, opacity) {
  const share = Math.max(area / pixels, look.tint_from);
  return opacity * Math.max((share / look.tint_from) ** -look.tint_power, look.tint_least);
}
