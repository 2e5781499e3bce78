// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What is kept: how it grows, gets another name, and ends.

import { describe } from './asking.js';

export class Keeping {
  #selected = '';
  #places = new Map(); // camera -> id of a segment -> {distance, size}, metres

  /**
   * `frame()` gives the frame on the screen, `matches(id)` what a kept prompt has found on it,
   * `entries()` what is kept of the camera; `say` and `trouble` take words.
   */
  constructor(link, { frame, matches, entries, say, trouble }) {
    this.link = link;
    this.frame = frame;
    this.matches = matches;
    this.entries = entries;
    this.say = say;
    this.trouble = trouble;
    link.addEventListener('places', ({ detail }) => {
      this.#places.set(detail.camera, detail.places);
    });
  }

  /** The one that grows by alt-clicks: the card that was chosen, else the newest. */
  get selected() {
    const entries = this.entries();
    return entries.find(({ id }) => id === this.#selected) ?? entries.at(-1);
  }

  select(entry) {
    this.#selected = entry.id;
    this.say(`${describe(entry)}: chosen, Alt-click adds a part to it`);
  }

  /** Where a segment is and how large, in words; '' while that is not known. */
  place({ id }) {
    const place = this.#places.get(this.frame()?.camera)?.[id];
    return place ? [distance(place), size(place)].filter(Boolean).join(' · ') : '';
  }

  /** What is at a place becomes a part of the thing that is selected. */
  async addPart(place) {
    const entry = this.selected;
    if (!entry) return this.#refuse('Keep something first: Alt-click adds a part to what is kept');
    const parts = this.#boxes(entry);
    if (!parts.length) return this.#refuse(`${describe(entry)} is not seen on this picture`);
    const done = await this.#ask(entry.id, { points: [place], labels: [1] }, parts);
    if (done) this.say(`${describe(entry)}: one more part`);
    return done;
  }

  /** Another name; resolves to whether it has it. */
  async rename(entry, name) {
    if (!name || name === entry.id) return false;
    if (this.entries().some(({ id }) => id === name)) {
      return this.#refuse(`Something is kept as ${name} already`);
    }
    const again = this.#again(entry);
    if (!again) return this.#refuse(`${describe(entry)} gets its name when it is seen again`);
    if (!await this.#ask(name, again.prompt, again.parts, entry.fixed)) return false;
    if (this.#selected === entry.id) this.#selected = name;
    await this.remove(entry, `${describe(entry)} is now called ${name}`);
    return true;
  }

  /** End it; resolves to whether it has ended. */
  async remove(entry, words = `${describe(entry)}: removed`) {
    const reply = await this.link.forget([entry.id]);
    if (reply.success) this.say(words);
    else this.trouble(reply.message);
    return reply.success;
  }

  /** What asks for the same once more: pixels and words as they were, a thing as it is seen. */
  #again(entry) {
    const { points, labels, box, text, selection, fixed } = entry;
    const names = points?.length || box;
    if (fixed || !names) {
      return { prompt: { points, labels, box, text, selection }, parts: [] };
    }
    const [first, ...parts] = this.#boxes(entry);
    return first && { prompt: { box: first }, parts };
  }

  #boxes({ id }) {
    return this.matches(id).filter(({ area }) => area).map(
      ({ x, y, width, height }) => [x, y, x + width, y + height]);
  }

  async #ask(id, prompt, parts, fixed = false) {
    const { camera, stamp } = this.frame();
    const reply = await this.link.ask({
      camera, stamp, keep: true, fixed, prompt: { ...prompt, id }, parts });
    if (!reply.success) this.trouble(reply.message);
    return reply.success;
  }

  #refuse(words) {
    this.trouble(words);
    return false;
  }
}

function distance({ distance: metres }) {
  return metres === null ? '' : `${metres.toFixed(metres < 10 ? 2 : 1)} m away`;
}

/** In centimetres; a room's walls in metres. It stays on one line. */
function size({ size: sides }) {
  const large = sides[0] >= 1;
  const number = (side) => (large ? side.toFixed(1) : Math.round(side * 100));
  return `${sides.map(number).join(' × ')} ${large ? 'm' : 'cm'}`.replaceAll(' ', '\u00a0');
}
