// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What the page is at: live or held, which camera, what is asked and what is kept.

import { Asking, describe } from './panel/asking.js';
import { showKept } from './panel/cards.js';
import { press } from './panel/controls.js';
import { Frames } from './picture/frames.js';
import { Keeping } from './panel/keeping.js';
import { inWords, percent, showAnswer } from './panel/panel.js';
import { cocoFile, cutoutFile, maskFile, save } from './panel/saving.js';
import { set, settings } from './panel/settings.js';
import { capital } from './panel/status.js';

const SMALLEST_BOX = 3; // pixels
const QUIET = 0.35; // of their opacity is left to other segments beside an answer
const QUIET_KEPT = 0.6; // and beside matches of kept prompts
const NAMED = 12; // matches that get a chip with their score
const NAMED_KEPT = 4; // of each kept prompt
const TROUBLE_TIME = 8000; // milliseconds that a message stays
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

export class App {
  #watched = '';
  #calmed = false; // colours of everything went when something was kept
  #hovered = null;
  #remembered = null; // the answer that the history has
  #timer = 0;

  constructor({ link, stage, marks, view, status }) {
    this.link = link;
    this.stage = stage;
    this.marks = marks;
    this.view = view;
    this.status = status;
    this.live = true;
    this.adding = false;
    /** @type {any} */
    this.state = null; // what the server told last
    /** @type {import('./panel/history.js').History | null} */
    this.history = null;
    this.camera = settings.camera;
    this.asking = new Asking(link, () => stage.frame);
    this.frames = new Frames(
      link, stage, (frame) => this.live && frame.camera === this.camera,
      () => this.kept.length > 0);
    this.keeping = new Keeping(link, {
      frame: () => stage.frame,
      matches: (id) => this.frames.matchesOf(id),
      entries: () => this.kept,
      say: (words) => this.say(words),
      trouble: (words) => this.trouble(words),
    });
    this.#listen();
  }

  /** Kept prompts of this camera. */
  get kept() {
    return (this.state?.kept ?? []).filter(({ camera }) => camera === this.camera);
  }

  point(place, { background = false, add = false } = {}) {
    return this.#ask(() => this.asking.point(place, { background, add: add || this.adding }));
  }

  box(box) {
    const [x0, y0, x1, y1] = box;
    if (x1 - x0 < SMALLEST_BOX || y1 - y0 < SMALLEST_BOX) {
      this.say('That box is too small to ask for');
      return null;
    }
    return this.#ask(() => this.asking.box(box));
  }

  text(words) {
    return this.#ask(() => this.asking.text(words));
  }

  /** Hold the picture, or let it go on; what was asked about it goes with it. */
  hold(held, anyway = false) {
    if (this.live === !held || (held && !this.stage.frame && !anyway)) return;
    this.live = !held;
    $('pause').classList.toggle('on', held);
    $('pause-text').textContent = held ? 'Resume' : 'Pause';
    if (!held) this.asking.clear();
    this.look();
    this.render();
  }

  /** What the pause button does. */
  pause() {
    this.hold(this.live);
    this.say(this.live ? 'Live' : 'Paused on this frame');
  }

  undo() {
    return this.asking.undo().then((done) => {
      if (!done && this.asking.question) this.hold(false);
    });
  }

  /** Show an answer of before, with the picture that it is about. */
  async recall({ frame, question, answer }) {
    this.hold(true);
    if (!await this.stage.show(frame)) return;
    this.asking.recall({ question, answer });
    this.render();
  }

  /** A picture of one's own instead of the camera's, until the picture goes on. */
  async own(picture) {
    this.say('Looking at your picture');
    const reply = await this.link.picture(picture);
    if (!reply.success) {
      this.trouble(reply.message);
      return;
    }
    this.hold(true, true);
    this.asking.clear();
    if (!await this.stage.show({ ...reply, picture, camera: this.camera, own: true })) return;
    this.view.reset();
    $('frame').hidden = false;
    this.paint();
    this.render();
    this.say(`Your picture: ${reply.segments.length} segments`);
  }

  /** Save the answer, or without one everything: as 'mask', 'cutout' or 'coco'. */
  async save(kind) {
    const { frame } = this.stage;
    const segments = this.asking.answer?.segments ?? frame?.segments ?? [];
    if (!frame || !segments.length) return;
    const name = `${(segments[0].label || 'segment').replace(/\W+/g, '-')}-${frame.key}`;
    if (kind === 'mask') save(await maskFile(segments, frame), `${name}-mask.png`);
    if (kind === 'cutout') save(await cutoutFile(segments, frame), `${name}.png`);
    if (kind === 'coco') save(cocoFile(segments, frame), `${name}-coco.json`);
  }

  async keep() {
    const { question, answer } = this.asking;
    if (!answer || answer.kept) return;
    const fixed = $('fixed').checked && !$('fixed-row').hidden;
    if (await this.asking.keep($('name').value.trim(), fixed)) {
      $('name').value = '';
      this.#calm();
      this.hold(false);
      this.say(`${describe(question.prompt)}: kept, answered on every frame from now on`);
    }
  }

  /** What is kept is what matters now: the colours of all else go, and come back after it. */
  #calm() {
    const still = this.state.cameras.some(({ name, still: one }) => one && name === this.camera);
    if (!settings.everything || still) return;
    this.#calmed = true;
    press($('everything'), false);
    settings.everything = false; // for now: what the person chose stays remembered
  }

  #rouse() {
    if (!this.#calmed || this.kept.length) return;
    this.#calmed = false;
    press($('everything'), true);
    settings.everything = true;
  }

  show(camera) {
    this.camera = camera;
    set('camera', camera);
    this.asking.clear();
    this.hold(false);
    this.look();
  }

  /** Have the frames sent that somebody sees, and no others; each of them beside few colours. */
  look() {
    const known = this.state?.cameras.some(({ name }) => name === this.camera);
    const wanted = known && this.live && !document.hidden ? this.camera : null;
    const smooth = this.kept.length > 0 && !settings.everything;
    const words = JSON.stringify([wanted, smooth]);
    if (words !== this.#watched) this.link.watch(wanted, smooth);
    this.#watched = words;
  }

  /** For who does not see the page; the same words again are news again. */
  say(words) {
    if (words) $('live').textContent = $('live').textContent === words ? `${words}\u00a0` : words;
  }

  /** Words that must be seen, for a while. */
  trouble(message) {
    $('trouble').textContent = capital(message);
    $('trouble').hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { $('trouble').hidden = true; }, TROUBLE_TIME);
  }

  /** Highlight what is seen at a place, also on later frames; null for nothing. */
  hover(place) {
    this.#hovered = place;
    const segment = place ? this.stage.at(...place) : null;
    this.stage.hover(segment);
    $('tip').hidden = !segment;
    if (segment) $('tip').textContent = `${title(segment)} · ${percent(segment.score)}`;
  }

  render() {
    const { live, state, camera, link, stage } = this;
    this.status.render({ frame: stage.frame, live, up: link.up, state, camera });
    showKept(this.kept, stage.frame, this.keeping);
  }

  /** Everything that is drawn over the picture. */
  paint() {
    const { stage, asking } = this;
    if (!stage.frame) return;
    const { question } = asking;
    const here = question?.key === stage.frame.key && question.camera === stage.frame.camera;
    const answers = here ? asking.answer?.segments ?? [] : [];
    const kept = this.kept.filter(({ id }) => !here || id !== question.prompt.id)
      .map((entry) => ({ entry, found: this.frames.matchesOf(entry.id) }));
    const segments = [...kept.flatMap(({ found }) => found), ...answers];
    const quiet = answers.length ? QUIET : segments.length ? QUIET_KEPT : 1;
    stage.paint({
      opacity: settings.everything ? settings.opacity : null, part: quiet, answers: segments,
      shade: answers.length > 0 });
    const still = kept.map(({ entry }) => entry).filter(({ fixed }) => fixed);
    const dots = still.flatMap(discs);
    const boxes = still.flatMap(({ box }) => (box ? [box] : []));
    this.#mark(here ? question.prompt : { points: [], labels: [], box: null }, dots, boxes, [
      ...kept.flatMap(({ entry, found }) => found.slice(0, NAMED_KEPT).map(
        (segment) => chip(segment, entry.text || describe(entry), this.keeping.place(segment)))),
      ...answers.slice(0, NAMED).map((segment) => chip(segment, segment.label)),
    ]);
  }

  #mark(prompt, kept, keptBoxes, chips) {
    this.marks.set({ chips, kept, keptBoxes, box: prompt.box, points: discs(prompt) });
  }

  #ask(question) {
    if (!this.stage.frame) return null;
    this.hold(true);
    this.hover(null);
    return question();
  }

  #listen() {
    this.frames.addEventListener('arrived', () => this.status.arrived());
    this.frames.addEventListener('shown', () => {
      $('frame').hidden = false;
      this.hover(this.#hovered);
      this.paint();
      this.render();
    });
    this.asking.addEventListener('change', () => {
      showAnswer(
        this.asking, this.stage, this.state?.names ?? [], (one) => this.stage.hover(one));
      const { question, answer } = this.asking;
      if (answer && question && answer !== this.#remembered && this.stage.frame) {
        this.#remembered = answer;
        this.history?.add(this.stage.frame, question, answer);
      }
      this.say(inWords(this.asking));
      this.paint();
    });
    this.link.addEventListener('segments', () => this.hover(this.#hovered));
    this.link.addEventListener('state', ({ detail }) => this.#learn(detail));
    for (const name of ['up', 'down']) this.link.addEventListener(name, () => this.render());
    this.link.addEventListener('trouble', ({ detail }) => this.trouble(detail.message));
    document.addEventListener('visibilitychange', () => this.look());
  }

  #learn(state) {
    this.state = state;
    const names = state.cameras.map(({ name: camera }) => camera);
    $('names').replaceChildren(...(state.names ?? []).map((word) => new Option('', word)));
    if (names.length && !names.includes(this.camera)) [this.camera] = names;
    this.#rouse();
    this.look();
    this.render();
    this.paint();
  }
}

function title(segment) {
  return segment.label || `Segment ${segment.id}`;
}

function discs({ points = [], labels = [] }) {
  return points.map(([x, y], n) => ({ x, y, label: labels[n] }));
}

function chip(segment, label, place = '') {
  const words = [label, place || percent(segment.promptScore)];
  return { segment, text: words.filter(Boolean).join(' · ') };
}
