// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The colour of an id: the formula of fastsam_ros/drawing/palette.py, which says why it is so.

const known = new Map();

/** Red, green and blue, 0 to 255, of a segment's id. */
export function colour(id) {
  let rgb = known.get(id);
  if (!rgb) {
    if (known.size > 4096) known.clear();
    rgb = compute(id);
    known.set(id, rgb);
  }
  return rgb;
}

/** The same, halfway to white: for lines. */
export function bright(id) {
  return colour(id).map((value) => Math.floor(value / 2) + 128);
}

/** As CSS writes it. */
export function css(id) {
  return `rgb(${colour(id).join(' ')})`;
}

function compute(id) {
  const lightness = 0.58 + 0.30 * ((id * 0.176) % 1);
  const hue = 2 * Math.PI * ((id * 0.6180339887498949) % 1);
  const a = 0.16 * Math.cos(hue);
  const b = 0.16 * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
  ].map((value) => Math.floor(255 * gamma(Math.min(Math.max(value, 0), 1)) + 0.5));
}

function gamma(value) {
  return value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
}
