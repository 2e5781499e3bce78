// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What was asked, and names of what was found, over the picture; sharp at every size.

import { css } from './look.js';

const SVG = 'http://www.w3.org/2000/svg';
const ROWS = 3; // places below one another that a chip may take
const CHIP = { height: 22, pad: 8, size: 12, swatch: 8 }; // CSS pixels

export class Marks {
  #what = {
    points: [], kept: [], keptBoxes: [], box: null, chips: [], crosshair: null, draft: null,
  };

  constructor(svg, stage) {
    this.svg = svg;
    this.stage = stage;
    new ResizeObserver(() => this.render()).observe(svg);
  }

  /**
   * Show some of: `points` and `kept` [{x, y, label}], `box`, `draft` and each of `keptBoxes`
   * [x0, y0, x1, y1], `crosshair` [x, y], `chips` [{segment, text}]; the others stay.
   */
  set(what) {
    Object.assign(this.#what, what);
    this.render();
  }

  render() {
    const { width, height } = this.stage;
    // Image pixels of a CSS pixel, zoomed or not.
    const unit = width / (this.svg.getBoundingClientRect().width || width);
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    const { points, kept, keptBoxes, box, chips, crosshair, draft } = this.#what;
    this.svg.replaceChildren(
      ...(box ? [frame(box, unit, 'box')] : []),
      ...(draft ? [frame(draft, unit, 'box draft')] : []),
      ...keptBoxes.map((one) => frame(one, unit, 'box kept')),
      ...kept.map((point) => dot(point, unit)),
      ...placed(chips, unit, width, height),
      ...points.map((point) => disc(point, unit)),
      ...(crosshair ? [cross(crosshair, unit, width, height)] : []),
    );
  }
}

function make(name, attributes, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

function frame([x0, y0, x1, y1], unit, name) {
  const place = { x: x0, y: y0, width: Math.max(x1 - x0, 0), height: Math.max(y1 - y0, 0) };
  return make(
    'g', { class: name },
    make('rect', { ...place, class: 'rim', 'stroke-width': 4 * unit }),
    make('rect', { ...place, class: 'line', 'stroke-width': 2 * unit }),
  );
}

/** A disc with plus or minus: told apart without its colour. */
function disc({ x, y, label }, unit) {
  const arm = 3.5 * unit;
  const cx = x + 0.5;
  const cy = y + 0.5;
  const sign = `M${cx - arm} ${cy}h${2 * arm}${label ? `M${cx} ${cy - arm}v${2 * arm}` : ''}`;
  return make(
    'g', { class: label ? 'point' : 'point background' },
    make('circle', { cx, cy, r: 9 * unit, class: 'rim' }),
    make('circle', { cx, cy, r: 7 * unit, class: 'disc' }),
    make('path', { d: sign, 'stroke-width': 2 * unit }),
  );
}

/** Where a kept prompt points; small, as it stays. */
function dot({ x, y, label }, unit) {
  const place = { cx: x + 0.5, cy: y + 0.5 };
  return make(
    'g', { class: label ? 'point' : 'point background' },
    make('circle', { ...place, r: 5 * unit, class: 'rim' }),
    make('circle', { ...place, r: 3.5 * unit, class: 'disc' }),
  );
}

function cross([x, y], unit, width, height) {
  const cx = x + 0.5;
  const cy = y + 0.5;
  const gap = 7 * unit;
  const lines = `M0 ${cy}H${cx - gap}M${cx + gap} ${cy}H${width}`
    + `M${cx} 0V${cy - gap}M${cx} ${cy + gap}V${height}`;
  const ring = { cx, cy, r: gap };
  return make(
    'g', { class: 'crosshair' },
    make('path', { d: lines, class: 'rim', 'stroke-width': 3 * unit }),
    make('circle', { ...ring, class: 'rim', 'stroke-width': 4 * unit }),
    make('path', { d: lines, class: 'line', 'stroke-width': unit }),
    make('circle', { ...ring, class: 'line', 'stroke-width': 2 * unit }),
  );
}

/** Chips above the highest points of their segments; one that finds no free place is left out. */
function placed(chips, unit, width, height) {
  const taken = [];
  return chips.filter(({ segment }) => segment.area).flatMap(({ segment, text }) => {
    const size = { width: chipWidth(text) * unit, height: CHIP.height * unit };
    const top = segment.x + segment.counts[0] + Math.min(segment.counts[1], segment.width) / 2;
    const x = Math.min(Math.max(top - size.width / 2, 0), Math.max(width - size.width, 0));
    const wish = segment.y - size.height - 2 * unit;
    const highest = Math.min(Math.max(wish, 0), height - size.height);
    const y = Array.from({ length: ROWS }, (_, row) => highest + row * (size.height + unit))
      .find((row) => !taken.some((other) => overlap(other, { x, y: row, ...size })));
    if (y === undefined) return [];
    taken.push({ x, y, ...size });
    return [chip(segment, text, x, y, unit)];
  });
}

function chip(segment, text, x, y, unit) {
  const { height, pad, size, swatch } = CHIP;
  const label = make('text', { x: pad + swatch + 5, y: height / 2, 'font-size': size });
  label.textContent = text;
  return make(
    'g', { class: 'chip', transform: `translate(${x} ${y}) scale(${unit})` },
    make('rect', { width: chipWidth(text), height, rx: height / 2 }),
    make('circle', { cx: pad + swatch / 2, cy: height / 2, r: swatch / 2, fill: css(segment.id) }),
    label,
  );
}

let ruler = null;

function chipWidth(text) {
  ruler ??= document.createElement('canvas').getContext('2d');
  ruler.font = `600 ${CHIP.size}px system-ui, sans-serif`;
  return CHIP.pad * 2 + CHIP.swatch + 5 + Math.ceil(ruler.measureText(text).width);
}

function overlap(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height
    && b.y < a.y + a.height;
}
