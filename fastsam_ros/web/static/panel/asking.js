// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The question at hand: how it grows by clicks, how it is asked, and its answer.

import { settings } from './settings.js';

export class Asking extends EventTarget {
  #latest = 0; // an answer to an older question is not shown
  #before = []; // prompts about this frame, oldest first: what undo goes back to

  /** `frame()` gives the frame on the screen; event `change` whenever something below changed. */
  constructor(link, frame) {
    super();
    this.link = link;
    this.frame = frame;
    this.question = null; // {camera, stamp, key, width, height, prompt: {id, points, ...}}
    this.answer = null; // {segments, took, kept}
    this.error = '';
    this.code = 0; // why, for the page: one of CODES
    this.busy = false;
  }

  /** A point; a background point and, with `add`, a further point join the points before. */
  point([x, y], { background = false, add = false } = {}) {
    const joins = (background || add) && this.question?.prompt.points.length
      && this.question.key === this.frame()?.key;
    const before = joins ? this.question.prompt : { points: [], labels: [] };
    return this.ask({
      points: [...before.points, [x, y]], labels: [...before.labels, background ? 0 : 1],
    });
  }

  box(box) {
    return this.ask({ box });
  }

  text(text) {
    return this.ask({ text });
  }

  /** The same question once more, such as after another choice of matches. */
  again() {
    if (!this.question) return Promise.resolve();
    const { points, labels, box, text } = this.question.prompt;
    return this.ask({ points, labels, box, text });
  }

  get undoable() {
    return this.question !== null;
  }

  /** Back to the question before; resolves to whether there was one. */
  async undo() {
    const before = this.#before.pop();
    if (!before) return false;
    this.question = null; // it is not remembered
    await this.ask(before);
    return true;
  }

  /** Show an answer of before again. */
  recall({ question, answer }) {
    this.#latest += 1;
    this.#before = [];
    Object.assign(this, { question: structuredClone(question), answer, error: '', busy: false });
    this.#changed();
  }

  /** Ask about the frame on the screen. */
  async ask(prompt) {
    const frame = this.frame();
    if (!frame) return;
    if (this.question?.key === frame.key) this.#before.push(this.question.prompt);
    else this.#before = [];
    const whole = { points: [], labels: [], box: null, text: '', id: '', ...prompt };
    whole.selection = selectionOf(whole);
    this.question = { camera: frame.camera, stamp: frame.stamp, key: frame.key, prompt: whole };
    await this.#send(false);
  }

  /** Go on answering on every later frame; resolves to whether the node does. */
  async keep(name = '', fixed = false) {
    if (!this.answer || this.answer.kept || this.busy || !this.question) return false;
    if (name) this.question.prompt.id = name;
    return this.#send(true, fixed);
  }

  clear() {
    this.#latest += 1;
    this.#before = [];
    Object.assign(this, { question: null, answer: null, error: '', busy: false });
    this.#changed();
  }

  async #send(keep, fixed = false) {
    this.#latest += 1;
    const number = this.#latest;
    const asked = performance.now();
    Object.assign(this, { busy: true, error: '' });
    if (!keep) this.answer = null;
    this.#changed();
    const reply = await this.link.ask({ ...this.question, keep, fixed });
    if (number !== this.#latest) return false;
    this.busy = false;
    if (reply.success) {
      this.question.prompt.id = reply.id;
      const segments = [...reply.segments].sort((a, b) => b.promptScore - a.promptScore);
      this.answer = { segments, took: performance.now() - asked, kept: keep };
    } else {
      this.error = reply.message || 'the node gave no reason';
      this.code = reply.error ?? 0;
    }
    this.#changed();
    return reply.success;
  }

  #changed() {
    this.dispatchEvent(new Event('change'));
  }
}

/** Of srv/Prompt's `error`: words are missing, which is no fault of who asked. */
export const CODES = { noTextModel: 7, unknownWord: 8, nothingThere: 11 };

/** Several points on different things mean all of them, unless every match is wanted anyway. */
function selectionOf({ labels }) {
  const several = labels.filter(Boolean).length > 1;
  return several && settings.selection === 'best' ? 'union' : settings.selection;
}

/** Names that the server makes up where nobody gave one. */
const OWN_NAME = /^(text|box|point|everything)-[0-9a-f]{6}$/;

/** A prompt in words; also of an entry in the list of kept ones. */
export function describe({ points = [], labels = [], box, text, id }) {
  if (id && !OWN_NAME.test(id)) return id;
  if (text) return `“${text}”`;
  if (box) {
    const [x0, y0, x1, y1] = box.map(Math.round);
    return `Box ${x1 - x0} × ${y1 - y0} at ${x0}, ${y0}`;
  }
  if (!points.length) return 'Everything';
  const minus = labels.filter((label) => !label).length;
  const plus = points.length - minus;
  if (points.length === 1) {
    return `${plus ? 'Point' : 'Not at'} ${points[0].map(Math.floor).join(', ')}`;
  }
  const count = (n, word) => (n ? [`${n} ${word}${n > 1 ? 's' : ''}`] : []);
  return [...count(plus, 'point'), ...count(minus, 'background point')].join(', ');
}
