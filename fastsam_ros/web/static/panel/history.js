// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The last answers of this visit, each with its picture, to come back to.

import { describe } from './asking.js';
import { drawThumb } from './thumbs.js';

const MOST = 12;

export class History {
  #entries = []; // newest first

  /**
   * @param {HTMLElement} list
   * @param {(entry: HistoryEntry) => void} recall
   */
  constructor(list, recall) {
    this.list = list;
    this.recall = recall;
  }

  /** Remember an answer; a question that only grew replaces what it grew from. */
  add(frame, question, answer) {
    const entry = { frame, question: structuredClone(question), answer };
    const grown = ({ question: old }) => old.key === question.key
      && question.prompt.points.length
      && JSON.stringify(question.prompt.points).startsWith(
        JSON.stringify(old.prompt.points).slice(0, -1));
    if (this.#entries.length && grown(this.#entries[0])) this.#entries.shift();
    this.#entries = [entry, ...this.#entries].slice(0, MOST);
    this.#render();
  }

  #render() {
    const section = this.list.closest('section');
    if (section) section.hidden = this.#entries.length < 2; // the newest is on the screen
    this.list.replaceChildren(...this.#entries.map((entry) => this.#item(entry)));
  }

  #item(entry) {
    const item = document.createElement('li');
    entry.button ??= this.#button(entry);
    item.append(entry.button);
    return item;
  }

  #button(entry) {
    const button = document.createElement('button');
    const canvas = document.createElement('canvas');
    button.type = 'button';
    button.className = 'thumb';
    button.title = describe(entry.question.prompt);
    button.setAttribute('aria-label', `Show again: ${describe(entry.question.prompt)}`);
    button.append(canvas);
    button.addEventListener('click', () => this.recall(entry));
    drawThumb(canvas, entry.frame, entry.answer.segments);
    return button;
  }
}
