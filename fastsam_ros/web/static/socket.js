// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The worker that holds the websocket: megabytes a second never cost the page's own thread a
// frame. It reconnects by itself; what comes is read here.

import { parse } from './packet.js';

const FIRST_WAIT = 500; // milliseconds until the first new try; doubles
const LONGEST_WAIT = 4000;

let url = '';
/** @type {WebSocket | null} */
let socket = null;
let wait = FIRST_WAIT;
let timer = 0;

/** `{url}` to begin with, then `{send}` with what is to be sent. */
self.addEventListener('message', ({ data }) => {
  if (data.url) {
    url = data.url;
    connect();
  } else if (socket?.readyState === WebSocket.OPEN) socket.send(data.send);
});

self.addEventListener('online', () => {
  if (socket?.readyState !== WebSocket.CLOSED) return;
  clearTimeout(timer);
  connect();
});

/** Tells `{event}`, 'up' or 'down', and `{message}`. */
function connect() {
  socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    wait = FIRST_WAIT;
    self.postMessage({ event: 'up' });
  });
  socket.addEventListener('message', ({ data }) => hand(data));
  socket.addEventListener('close', () => {
    self.postMessage({ event: 'down' });
    timer = self.setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

/** The run lengths of all segments are in one buffer, which goes over as it is. */
function hand(data) {
  const message = typeof data === 'string' ? JSON.parse(data) : parse(data);
  const counts = message.segments?.[0]?.counts;
  self.postMessage({ message }, { transfer: counts ? [counts.buffer] : [] });
}
