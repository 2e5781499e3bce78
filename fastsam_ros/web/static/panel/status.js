// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The line at the bottom, the badge at the top, and words where a picture is missing.

const WINDOW = 3000; // milliseconds over which frames are counted
const STALE = 2500; // milliseconds without a frame: the rate is none
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

export class Status {
  #arrivals = [];

  /** A frame has arrived. */
  arrived() {
    this.#arrivals.push(performance.now());
  }

  /** Show what is known: `frame`, `live`, `up`, `state`, `camera`. */
  render({ frame, live, up, state, camera }) {
    const known = state?.cameras.find(({ name }) => name === camera);
    this.#numbers(frame, live, known?.still);
    const [kind, word] = this.#badge(live, up, state, known);
    $('badge').dataset.state = kind;
    $('badge').textContent = word;
    const [title, text] = reason(up, state, known);
    $('empty').hidden = Boolean(frame);
    $('empty-title').textContent = title;
    $('empty-text').textContent = text;
    const trouble = kind === 'bad' || kind === 'wait';
    const hold = live || !frame || known?.still ? '' : 'Paused on this frame';
    show($('pill'), frame && trouble ? text || title : hold, trouble ? 'bad' : 'hold');
  }

  #numbers(frame, live, still) {
    const now = performance.now();
    this.#arrivals = this.#arrivals.filter((time, n, all) => (
      now - time < WINDOW || n === all.length - 1));
    const [first, last] = [this.#arrivals[0], this.#arrivals.at(-1)];
    const flows = this.#arrivals.length > 1 && now - last < STALE;
    const rate = flows ? (this.#arrivals.length - 1) / (last - first) * 1000 : 0;
    $('fps').textContent = live ? `${rate.toFixed(1)} fps` : 'paused';
    $('fps').hidden = Boolean(still) || !frame;
    for (const id of ['age', 'count', 'size', 'stamp']) $(id).hidden = !frame;
    if (frame) this.#describe(frame);
  }

  #describe(frame) {
    $('age').hidden = frame.age == null;
    $('age').textContent = `age ${Math.round(frame.age ?? 0)} ms`;
    const n = frame.segments?.length;
    $('count').hidden = frame.kind === 'tracked'; // what is not kept is not known on it
    $('count').textContent = n === undefined ? 'no segments' : `${n} segment${n === 1 ? '' : 's'}`;
    $('size').textContent = `${frame.width} × ${frame.height}`;
    $('stamp').textContent = `${frame.stamp[0]}.${String(frame.stamp[1]).padStart(9, '0')}`;
  }

  #badge(live, up, state, camera) {
    if (!up) return ['bad', 'Reconnecting'];
    if (!state?.node) return ['wait', 'Waiting for the node'];
    if (!camera?.publishers) return ['wait', 'No camera'];
    if (!live) return ['hold', 'Paused'];
    if (camera.still && this.#arrivals.length) return ['good', 'Picture'];
    const last = this.#arrivals.at(-1) ?? -Infinity;
    return performance.now() - last < STALE ? ['good', 'Live'] : ['wait', 'Waiting for pictures'];
  }
}

/** Why there is no picture: a title, and what to do. */
function reason(up, state, camera) {
  if (!up) return ['No connection', 'The server of this page cannot be reached. Trying again.'];
  if (!state) return ['Connecting', ''];
  if (!state.node) return ['Waiting for the node', capital(state.message)];
  if (!camera) return ['No camera', `${state.name} has no camera of this name.`];
  if (camera.message) return [`No picture of ${camera.name}`, capital(camera.message)];
  if (!camera.publishers) {
    return ['Waiting for the camera', `Nobody publishes pictures on ${camera.topic}. Start a `
      + 'camera, or launch with image:= and the topic of yours.'];
  }
  return ['Waiting for pictures', `${state.name} looks at ${camera.topic}.`];
}

/** A sentence of the node's words. */
export function capital(text) {
  if (!text) return '';
  return `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

function show(element, text, kind) {
  element.hidden = !text;
  element.dataset.kind = kind;
  if (element.textContent !== text) element.textContent = text;
}
