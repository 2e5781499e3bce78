// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The column beside the picture: the answer at hand, and the prompts that are kept.

import { describe } from './asking.js';
import { css } from './colours.js';
import { capital } from './status.js';

const MOST = 30; // matches that are listed; the picture shows all
const $ = (id) => document.getElementById(id);

/** Show the question at hand and its answer; `hover(segment or null)` on their rows. */
export function showAnswer({ question, answer, error, busy }, { width, height }, hover) {
  const left = !question && $('answer').contains(document.activeElement);
  $('answer').hidden = !question;
  if (left) $('stage').focus(); // not to be lost with the panel
  if (!question) return;
  $('question').textContent = describe(question.prompt);
  $('answer').setAttribute('aria-busy', busy);
  $('error').hidden = !error;
  $('error').textContent = capital(error);
  const found = answer?.segments ?? [];
  $('nothing').hidden = !answer || found.length > 0;
  listMatches(found, width * height, hover);
  $('keep').disabled = !answer || busy;
  $('keep').classList.toggle('on', Boolean(answer?.kept));
  $('keep-text').textContent = answer?.kept ? 'Kept' : 'Keep';
}

/** One sentence for who does not see the panel. */
export function inWords({ question, answer, error }) {
  if (error || !answer) return ''; // an error speaks for itself: it is an alert
  const asked = describe(question.prompt);
  const n = answer.segments.length;
  if (!n) return `${asked}: no segment matches`;
  const best = percent(answer.segments[0].promptScore);
  return `${asked}: ${n} segment${n > 1 ? 's' : ''}, ${n > 1 ? 'best ' : ''}score ${best}`;
}

/** The list of kept prompts; `matches(id)` gives what they have found on this frame. */
export function showKept(entries, matches, remove) {
  $('kept-section').hidden = !entries.length;
  const list = $('kept');
  const rows = new Map([...list.children].map((row) => [row.dataset.id, row]));
  const wanted = entries.map((entry) => rows.get(entry.id) ?? keptRow(entry, remove));
  const gone = [...list.children].filter((row) => !wanted.includes(row));
  const orphan = gone.some((row) => row.contains(document.activeElement));
  if (gone.length || list.children.length !== wanted.length) list.replaceChildren(...wanted);
  if (orphan) (list.querySelector('button') ?? $('stage')).focus();
  for (const row of wanted) refresh(row, matches(row.dataset.id));
}

export function percent(score) {
  return `${Math.round(score * 100)} %`;
}

function listMatches(found, pixels, hover) {
  const focused = [...$('matches').children].indexOf(document.activeElement);
  hover(null); // the rows that come know nothing of what the old ones highlight
  $('matches').replaceChildren(
    ...found.slice(0, MOST).map((segment) => match(segment, pixels, hover)),
    ...(found.length > MOST ? [element('li', 'quiet', `and ${found.length - MOST} more`)] : []));
  if (focused >= 0) ($('matches').children[focused] ?? $('stage')).focus();
}

function match(segment, pixels, hover) {
  const row = element('li', 'segment');
  row.tabIndex = 0;
  const name = segment.label || `Segment ${segment.id}`;
  const share = segment.area / pixels * 100;
  row.append(
    swatch(segment.id), element('span', 'name', name),
    element('span', 'quiet', `${share < 1 ? share.toFixed(1) : Math.round(share)} % of picture`),
    element('span', 'score', percent(segment.promptScore)));
  for (const name of ['pointerenter', 'focus']) row.addEventListener(name, () => hover(segment));
  for (const name of ['pointerleave', 'blur']) row.addEventListener(name, () => hover(null));
  return row;
}

function keptRow(entry, remove) {
  const row = element('li');
  row.dataset.id = entry.id;
  const button = element('button', 'icon', '×');
  button.type = 'button';
  button.title = 'Stop answering this';
  button.setAttribute('aria-label', `Remove ${describe(entry)}`);
  button.addEventListener('click', () => {
    row.classList.add('leaving');
    remove(entry).then((done) => done || row.classList.remove('leaving'));
  });
  const text = element('span', 'name', describe(entry));
  text.title = entry.id;
  row.append(element('span', 'swatches'), text, element('span', 'quiet now'), button);
  return row;
}

function refresh(row, found) {
  const ids = found.slice(0, 3).map(({ id }) => id);
  const key = ids.join();
  const holder = row.querySelector('.swatches');
  if (holder.dataset.key !== key) {
    holder.dataset.key = key;
    holder.replaceChildren(...ids.map(swatch));
  }
  const best = found.length ? percent(Math.max(...found.map((s) => s.promptScore))) : 'not seen';
  row.querySelector('.now').textContent = found.length > 1 ? `${found.length}, ${best}` : best;
}

function swatch(id) {
  const dot = element('span', 'swatch');
  dot.style.background = css(id);
  return dot;
}

function element(name, className = '', text = '') {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
