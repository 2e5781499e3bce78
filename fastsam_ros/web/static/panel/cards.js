// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What is kept, a card each: a thumbnail, a name to change, a state, a place, its colour.

import { describe } from './asking.js';
import { css } from '../picture/look.js';
import { drawThumb } from './thumbs.js';

const THUMB_EVERY = 2000; // milliseconds between two thumbnails of a thing
const STATES = {
  followed: 'Followed', searching: 'Searching', lost: 'Lost', unknown: 'Waiting for a frame',
};
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

/**
 * The cards of what is kept, as it stands on `frame`.
 * @param {any[]} entries
 * @param {Frame | null} frame
 * @param {import('./keeping.js').Keeping} keeping
 */
export function showKept(entries, frame, keeping) {
  $('kept-section').hidden = !entries.length;
  const list = $('kept');
  const cards = new Map([...list.children].map((card) => [card.dataset.id, card]));
  const wanted = entries.map((entry) => cards.get(entry.id) ?? makeCard(entry, keeping));
  const gone = [...list.children].filter((card) => !wanted.includes(card));
  const orphan = gone.some((card) => card.contains(document.activeElement));
  if (gone.length || list.children.length !== wanted.length) list.replaceChildren(...wanted);
  if (orphan) (list.querySelector('.stop') ?? $('stage')).focus();
  wanted.forEach((card, n) => refresh(card, entries[n], frame, keeping));
}

function makeCard(entry, keeping) {
  const card = document.createElement('li');
  card.className = 'card';
  card.dataset.id = entry.id;
  const template = /** @type {HTMLTemplateElement} */ ($('card'));
  card.append(template.content.cloneNode(true));
  const title = describe(entry);
  wireName(card.querySelector('.name'), entry, keeping);
  const pick = card.querySelector('.pick');
  pick.setAttribute('aria-label', `Choose ${title}: parts are added to it`);
  pick.addEventListener('click', () => keeping.select(entry));
  const stop = card.querySelector('.stop');
  stop.setAttribute('aria-label', `Stop following ${title}`);
  stop.addEventListener('click', () => {
    card.classList.add('leaving');
    keeping.remove(entry).then((done) => done || card.classList.remove('leaving'));
  });
  return card;
}

/** Enter and leaving the field give the name, Escape gives the old one back. */
function wireName(field, entry, keeping) {
  const title = describe(entry);
  field.value = title;
  field.title = 'Change the name';
  field.setAttribute('aria-label', `Name of ${title}`);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') field.value = title;
    if (event.key === 'Enter' || event.key === 'Escape') field.blur();
  });
  field.addEventListener('change', async () => {
    const name = field.value.trim();
    if (name === title || !await keeping.rename(entry, name)) field.value = title;
  });
}

function refresh(card, entry, frame, keeping) {
  const found = keeping.matches(entry.id);
  const state = entry.state ?? (found.length ? 'followed' : 'searching');
  card.dataset.state = state;
  card.style.setProperty('--tint', found.length ? css(found[0].id) : 'var(--edge)');
  card.querySelector('.pick').setAttribute('aria-pressed', entry.id === keeping.selected?.id);
  write(card.querySelector('.state'), STATES[state] ?? state);
  write(card.querySelector('.more'), more(entry, found));
  write(card.querySelector('.place'), found.length ? keeping.place(found[0]) : '');
  const time = performance.now();
  if (found.length && frame && time - Number(card.dataset.drawn ?? -THUMB_EVERY) >= THUMB_EVERY) {
    card.dataset.drawn = String(time);
    drawThumb(card.querySelector('canvas'), frame, found);
  }
}

function more({ fixed, message }, found) {
  const best = Math.max(0, ...found.map(({ promptScore }) => promptScore));
  return [
    ...(fixed ? ['fixed'] : []), ...(found.length > 1 ? [`${found.length} parts`] : []),
    ...(best ? [`${Math.round(best * 100)} %`] : []), ...(message ? [message] : []),
  ].join(' · ');
}

/** Only what has changed, as somebody may listen to it. */
function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
