// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Frames from the server to the screen, each together with what prompts found in it.

const REMEMBERED = 12; // frames whose matches are remembered
const JOIN_WAIT = 60; // milliseconds that a frame waits for the matches of kept prompts

export class Frames extends EventTarget {
  #matches = new Map(); // key of a frame -> id of a prompt -> its segments
  #arrived = 0; // frames so far
  #newest = 0; // which of them was shown last

  /**
   * `wanted(frame)` says whether a frame is to be shown, `waits()` whether it has to wait for
   * matches. Events: `arrived`; `shown` when the picture or its matches have changed.
   */
  constructor(link, stage, wanted, waits) {
    super();
    this.link = link;
    this.stage = stage;
    this.wanted = wanted;
    this.waits = waits;
    link.addEventListener('frame', ({ detail }) => this.#frame(detail));
    link.addEventListener('tracked', ({ detail }) => this.#tracked(detail));
    link.addEventListener('prompted', ({ detail }) => this.#prompted(detail));
    link.addEventListener('segments', ({ detail }) => {
      if (wanted(detail)) stage.layBeside(detail);
    });
  }

  /** Segments that answer a prompt in the frame on the screen. */
  matchesOf(id) {
    return this.#of(this.stage.frame)?.get(id) ?? [];
  }

  #of(frame) {
    return frame && this.#matches.get(nameOf(frame));
  }

  async #frame(frame) {
    this.#arrived += 1;
    const number = this.#arrived;
    this.dispatchEvent(new Event('arrived'));
    if (this.wanted(frame)) await this.#show(frame, number);
    this.link.shown();
  }

  /** A frame whose segments are those of kept prompts: the others are not known on it. */
  #tracked(packet) {
    this.#prompted(packet);
    this.#frame({ ...packet, segments: null });
  }

  async #show(frame, number) {
    if (this.waits() && !this.#of(frame)) await this.#matchesCome(frame);
    if (!this.wanted(frame) || number < this.#newest) return; // a later one waited less
    this.#newest = number;
    const shown = await this.stage.show(frame, () => this.wanted(frame));
    if (shown) this.dispatchEvent(new Event('shown'));
  }

  /** Until a frame's matches are here, or have taken too long. */
  #matchesCome(frame) {
    return new Promise((resolve) => {
      const over = new AbortController();
      setTimeout(() => over.abort(), JOIN_WAIT);
      over.signal.addEventListener('abort', resolve);
      this.addEventListener(`matches ${nameOf(frame)}`, resolve, { signal: over.signal });
    });
  }

  #prompted(packet) {
    const name = nameOf(packet);
    const found = this.#matches.get(name) ?? new Map();
    this.#matches.set(name, found);
    for (const segment of packet.segments) found.delete(segment.prompt);
    for (const segment of packet.segments) {
      found.set(segment.prompt, [...(found.get(segment.prompt) ?? []), segment]);
    }
    if (this.#matches.size > REMEMBERED) this.#matches.delete(this.#matches.keys().next().value);
    this.dispatchEvent(new Event(`matches ${name}`));
    if (packet.key === this.stage.frame?.key) this.dispatchEvent(new Event('shown'));
  }
}

function nameOf({ camera, key }) {
  return `${camera} ${key}`;
}
