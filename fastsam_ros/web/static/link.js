// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The websocket: it reconnects by itself, and a question becomes a promise.

import { parse } from './packet.js';

const FIRST_WAIT = 500; // milliseconds until the first new try; doubles
const LONGEST_WAIT = 4000;

export class Link extends EventTarget {
  #socket = null;
  #wait = FIRST_WAIT;
  #next = 1;
  #open = new Map();
  #watched = null; // {camera, smooth}
  #timer = 0;

  /**
   * Events: `up`, `down`; and with detail `state`, `frame`, `tracked`, `prompted`, `places`,
   * `trouble`.
   */
  constructor(url) {
    super();
    this.url = url;
    this.#connect();
    window.addEventListener('online', () => this.#retry());
  }

  get up() {
    return this.#socket?.readyState === WebSocket.OPEN;
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
    this.#socket.send(await new Blob([number, blob]).arrayBuffer());
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
    if (this.up) this.#socket.send(JSON.stringify(message));
  }

  #connect() {
    const socket = new WebSocket(this.url);
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => {
      this.#wait = FIRST_WAIT;
      this.dispatchEvent(new Event('up'));
      if (this.#watched) this.watch(this.#watched.camera, this.#watched.smooth);
    });
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', () => this.#closed());
  }

  #closed() {
    for (const resolve of this.#open.values()) {
      resolve({ success: false, message: 'the connection was lost before the answer came' });
    }
    this.#open.clear();
    this.dispatchEvent(new Event('down'));
    this.#timer = setTimeout(() => this.#connect(), this.#wait);
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT);
  }

  #retry() {
    if (this.#socket.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #receive(data) {
    const message = typeof data === 'string' ? JSON.parse(data) : parse(data);
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
