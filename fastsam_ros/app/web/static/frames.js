// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Frames from the server to the screen, each together with what prompts found in it.

const REMEMBERED = 12; // frames whose matches are remembered
const JOIN_WAIT = 60; // milliseconds that a frame waits for the matches of kept prompts

export class Frames extends EventTarget {
  #matches = new Map(); // key of a frame -> id of a prompt -> its segments

  /**
   * `wanted(frame)` says whether a frame is to be shown, `waits()` whether it has to wait for
   * matches. Events: `arrived`; `shown` when the picture or its matches have changed.
   */
  constructor(link, stage, wanted, waits) {
    super();
    Object.assign(this, { link, stage, wanted, waits });
    link.addEventListener('frame', ({ detail }) => this.#frame(detail));
    link.addEventListener('prompted', ({ detail }) => this.#prompted(detail));
  }

  /** Segments that answer a prompt in the frame on the screen. */
  matchesOf(id) {
    return this.#of(this.stage.frame)?.get(id) ?? [];
  }

  #of(frame) {
    return frame && this.#matches.get(`${frame.camera} ${frame.key}`);
  }

  async #frame(frame) {
    this.dispatchEvent(new Event('arrived'));
    if (this.wanted(frame)) await this.#show(frame);
    this.link.shown();
  }

  async #show(frame) {
    const bitmap = await createImageBitmap(frame.picture).catch(() => null);
    if (!bitmap) return;
    if (this.waits() && !this.#of(frame)) await sleep(JOIN_WAIT);
    if (!this.wanted(frame)) {
      bitmap.close();
      return;
    }
    // Without segments the picture itself says how large it is.
    const { width = bitmap.width, height = bitmap.height } = frame;
    this.stage.show({ ...frame, bitmap, width, height });
    this.dispatchEvent(new Event('shown'));
  }

  #prompted(packet) {
    const name = `${packet.camera} ${packet.key}`;
    const found = this.#matches.get(name) ?? new Map();
    this.#matches.set(name, found);
    for (const segment of packet.segments) found.delete(segment.prompt);
    for (const segment of packet.segments) {
      found.set(segment.prompt, [...(found.get(segment.prompt) ?? []), segment]);
    }
    if (this.#matches.size > REMEMBERED) this.#matches.delete(this.#matches.keys().next().value);
    if (packet.key === this.stage.frame?.key) this.dispatchEvent(new Event('shown'));
  }
}

function sleep(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}
