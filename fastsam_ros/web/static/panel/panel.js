// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The column beside the picture: the question and the answer at hand.

import { CODES, describe } from './asking.js';
import { css } from '../picture/look.js';
import { capital } from './status.js';

const MOST = 30; // matches that are listed; the picture shows all
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

/** Show the question at hand and its answer; `hover(segment or null)` on their rows. */
export function showAnswer(asking, { width, height, frame }, names, hover) {
  const { question, answer, error, code, busy } = asking;
  const left = !question && $('answer').contains(document.activeElement);
  $('answer').hidden = !question;
  if (left) $('stage').focus(); // not to be lost with the panel
  if (!question) return;
  $('question').textContent = describe(question.prompt);
  $('answer').setAttribute('aria-busy', busy);
  const words = code === CODES.noTextModel || code === CODES.unknownWord;
  showError(error, words, names, question.prompt.text);
  const found = answer?.segments ?? [];
  $('nothing').hidden = !answer || found.length > 0;
  listMatches(found, width * height, hover);
  $('undo').disabled = busy;
  $('save').hidden = !found.length;
  $('keep-row').hidden = !found.length || Boolean(frame?.own);
  $('fixed-row').hidden = $('keep-row').hidden || !namesPixels(question.prompt) || answer?.kept;
  $('keep').disabled = !answer || busy;
  $('name').disabled = !answer || busy || answer.kept;
  $('keep').classList.toggle('on', Boolean(answer?.kept));
  $('keep-text').textContent = answer?.kept ? 'Kept' : 'Keep';
}

function namesPixels({ points, box, text }) {
  return !text && Boolean(points.length || box);
}

/** What went wrong; a word that the model lacks is no alarm: it is said which it knows. */
function showError(error, words, names, text) {
  $('error').hidden = !error || words;
  $('error').textContent = words ? '' : capital(error);
  $('unknown').hidden = !error || !words;
  if (!error || !words) return;
  const known = names.length ? 'It knows these:' : 'Point at it, or drag a box around it.';
  $('unknown-text').textContent = `The model has no word for “${text}”. ${known}`;
  $('unknown-why').textContent = capital(error);
  $('unknown-names').replaceChildren(...nearest(names, text).map((name) => {
    const item = element('li');
    const button = element('button', 'chip', name);
    button.type = 'button';
    button.dataset.word = name;
    item.append(button);
    return item;
  }));
}

/** A dozen names, those first that begin as the words do. */
function nearest(names, text) {
  const wish = text.toLowerCase().slice(0, 2);
  const first = names.filter((name) => name.startsWith(wish));
  return [...new Set([...first, ...names])].slice(0, 12);
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
  for (const event of ['pointerenter', 'focus']) row.addEventListener(event, () => hover(segment));
  for (const event of ['pointerleave', 'blur']) row.addEventListener(event, () => hover(null));
  return row;
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
