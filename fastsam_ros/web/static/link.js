// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The connection to the server, which a worker holds: a question becomes a promise.

export class Link extends EventTarget {
  /** @type {Worker} */
  #socket;
  #next = 1;
  #open = new Map();
  #watched = null; // {camera, smooth}

  /**
   * Events: `up`, `down`; and with detail `state`, `frame`, `tracked`, `segments`, `prompted`,
   * `places`, `trouble`.
   */
  constructor(url) {
    super();
    this.up = false;
    this.#socket = new Worker(new URL('socket.js', import.meta.url), { type: 'module' });
    this.#socket.addEventListener('message', ({ data: { event, message } }) => {
      if (event === 'up') this.#opened();
      else if (event === 'down') this.#closed();
      else this.#receive(message);
    });
    this.#socket.postMessage({ url: String(url) });
  }

  /**
   * Look at a camera, or with null at none; again after each new connection. `smooth`: at each of
   * its frames, with what is kept alone.
   */
  watch(camera, smooth) {
    this.#watched = { camera, smooth };
    this.#send({ type: 'watch', camera, smooth });
  }

  /** A frame is on the screen. */
  shown() {
    this.#send({ type: 'shown' });
  }

  /** A prompt; resolves to the answer, with `success` and `message`. */
  ask(question) {
    return this.#request({ type: 'ask', ...question });
  }

  /** A picture of one's own; resolves to its segments. */
  async picture(blob) {
    if (!this.up) return { success: false, message: 'no connection to the server' };
    const request = this.#next;
    this.#next += 1;
    const number = new Uint8Array(4);
    new DataView(number.buffer).setUint32(0, request, true);
    const send = await new Blob([number, blob]).arrayBuffer();
    if (!this.up) return { success: false, message: 'no connection to the server' };
    this.#socket.postMessage({ send }, [send]);
    return new Promise((resolve) => { this.#open.set(request, resolve); });
  }

  /** What answers is an example of a word, or with `counter` is not; resolves likewise. */
  teach(word, question, counter = false) {
    return this.#request({ type: 'teach', word, counter, ...question });
  }

  /** End kept prompts; resolves likewise. */
  forget(ids) {
    return this.#request({ type: 'forget', ids });
  }

  #request(message) {
    if (!this.up) {
      return Promise.resolve({ success: false, message: 'no connection to the server' });
    }
    const request = this.#next;
    this.#next += 1;
    this.#send({ ...message, request });
    return new Promise((resolve) => { this.#open.set(request, resolve); });
  }

  #send(message) {
    if (this.up) this.#socket.postMessage({ send: JSON.stringify(message) });
  }

  #opened() {
    this.up = true;
    this.dispatchEvent(new Event('up'));
    if (this.#watched) this.watch(this.#watched.camera, this.#watched.smooth);
  }

  #closed() {
    this.up = false;
    for (const resolve of this.#open.values()) {
      resolve({ success: false, message: 'the connection was lost before the answer came' });
    }
    this.#open.clear();
    this.dispatchEvent(new Event('down'));
  }

  #receive(message) {
    const kind = message.kind ?? message.type;
    if (kind === 'answer') {
      this.#open.get(message.request)?.(message);
      this.#open.delete(message.request);
      return;
    }
    const name = kind === 'error' ? 'trouble' : kind;
    this.dispatchEvent(new CustomEvent(name, { detail: message }));
  }
}
