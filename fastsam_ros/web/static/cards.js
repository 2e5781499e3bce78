// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What is kept, a card each: a thumbnail, a name, a state, its colour.

import { describe } from './asking.js';
import { css } from './look.js';
import { drawThumb } from './thumbs.js';

const THUMB_EVERY = 2000; // milliseconds between two thumbnails of a thing
const STATES = {
  followed: 'followed', searching: 'searching', lost: 'lost', unknown: 'waiting for a frame',
};
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

/** The cards; `matches(id)` gives what a prompt has found on `frame`. */
export function showKept(entries, frame, matches, remove) {
  $('kept-section').hidden = !entries.length;
  const list = $('kept');
  const cards = new Map([...list.children].map((card) => [card.dataset.id, card]));
  const wanted = entries.map((entry) => cards.get(entry.id) ?? makeCard(entry, remove));
  const gone = [...list.children].filter((card) => !wanted.includes(card));
  const orphan = gone.some((card) => card.contains(document.activeElement));
  if (gone.length || list.children.length !== wanted.length) list.replaceChildren(...wanted);
  if (orphan) (list.querySelector('button') ?? $('stage')).focus();
  wanted.forEach((card, n) => refresh(card, entries[n], frame, matches(card.dataset.id)));
}

function makeCard(entry, remove) {
  const card = document.createElement('li');
  card.className = 'card';
  card.dataset.id = entry.id;
  const template = /** @type {HTMLTemplateElement} */ ($('card'));
  card.append(template.content.cloneNode(true));
  card.querySelector('.name').textContent = describe(entry);
  card.querySelector('.name').setAttribute('title', entry.id);
  const button = card.querySelector('button');
  button.setAttribute('aria-label', `Stop following ${describe(entry)}`);
  button.addEventListener('click', () => {
    card.classList.add('leaving');
    remove(entry).then((done) => done || card.classList.remove('leaving'));
  });
  return card;
}

function refresh(card, entry, frame, found) {
  const state = entry.state ?? (found.length ? 'followed' : 'searching');
  card.dataset.state = state;
  card.style.setProperty('--tint', found.length ? css(found[0].id) : 'var(--edge)');
  const best = Math.max(0, ...found.map((s) => s.promptScore));
  const score = best ? ` · ${Math.round(best * 100)} %` : '';
  const count = found.length > 1 ? `${found.length} of them` : STATES[state] ?? state;
  const words = `${count}${score}${entry.message ? ` · ${entry.message}` : ''}`;
  const now = card.querySelector('.now');
  if (now.textContent !== words) now.textContent = words;
  const time = performance.now();
  if (found.length && frame && time - Number(card.dataset.drawn ?? -THUMB_EVERY) >= THUMB_EVERY) {
    card.dataset.drawn = String(time);
    drawThumb(card.querySelector('canvas'), frame, found);
  }
}
