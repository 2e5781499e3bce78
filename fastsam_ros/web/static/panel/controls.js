// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Buttons, fields and the help.

import { set, settings } from './settings.js';

const STEP = 10; // percent of opacity for a key
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

export function wireControls(app) {
  wireView(app);
  wireAsking(app);
  wireHelp();
  const cameras = $('camera');
  cameras.addEventListener('change', () => app.show(cameras.value));
}

/** The list of cameras; hidden when there is but one. */
export function listCameras(names, current) {
  const cameras = $('camera');
  $('camera-field').hidden = names.length < 2;
  if ([...cameras.options].map(({ value }) => value).join() !== names.join()) {
    cameras.replaceChildren(...names.map((name) => new Option(name || 'camera', name)));
  }
  cameras.value = current;
}

export function nextCamera(app) {
  const names = (app.state?.cameras ?? []).map(({ name }) => name);
  if (names.length < 2) return;
  const next = names[(names.indexOf(app.camera) + 1) % names.length];
  app.show(next);
  app.say(`Camera ${next}`);
}

/** More or less colour, by a number of steps. */
export function stepOpacity(steps) {
  const slider = $('opacity');
  slider.value = Number(slider.value) + steps * STEP;
  slider.dispatchEvent(new Event('input'));
}

function wireView(app) {
  $('pause').addEventListener('click', () => app.pause());
  $('zoom-in').addEventListener('click', () => app.view.step(1));
  $('zoom-out').addEventListener('click', () => app.view.step(-1));
  $('zoom-fit').addEventListener('click', () => app.view.reset());
  $('open').addEventListener('click', () => $('file').click());
  toggle($('everything'), settings.everything, (on) => {
    set('everything', on);
    app.look();
    app.paint();
    app.say(on ? 'All segments are coloured' : 'Segments are not coloured');
  });
  toggle($('add'), false, (on) => {
    app.adding = on;
    app.say(on ? 'Further points join the question' : 'Each point is a new question');
  });
  const slider = $('opacity');
  const showOpacity = () => { $('opacity-value').textContent = `${slider.value} %`; };
  slider.value = Math.round(settings.opacity * 100);
  showOpacity();
  slider.addEventListener('input', () => {
    set('opacity', slider.value / 100);
    showOpacity();
    app.paint();
  });
}

function wireAsking(app) {
  $('text-form').addEventListener('submit', (event) => {
    event.preventDefault();
    const words = $('text').value.trim();
    if (words) app.text(words);
  });
  const radios = /** @type {NodeListOf<HTMLInputElement>} */ (
    document.querySelectorAll('input[name="selection"]'));
  for (const radio of radios) {
    radio.checked = radio.value === settings.selection;
    radio.addEventListener('change', () => {
      set('selection', radio.value);
      app.asking.again();
    });
  }
  $('keep').addEventListener('click', () => app.keep());
  $('unknown-names').addEventListener('click', ({ target }) => {
    const { word } = target.dataset;
    if (!word) return;
    $('text').value = word;
    app.text(word);
  });
  $('undo').addEventListener('click', () => app.undo());
  for (const kind of ['mask', 'cutout', 'coco']) {
    $(`save-${kind}`).addEventListener('click', () => app.save(kind));
  }
  $('clear').addEventListener('click', () => {
    app.hold(false);
    $('stage').focus();
  });
  const touch = matchMedia('(pointer: coarse)').matches;
  $('hint').textContent = touch
    ? 'Or tap a thing in the picture. A long press excludes one; a drag draws a box.'
    : 'Or click a thing in the picture. Shift-click excludes one; a drag draws a box.';
}

function wireHelp() {
  const dialog = $('help');
  $('help-button').addEventListener('click', () => dialog.showModal());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close(); // outside of it
  });
  $('shortcuts').checked = settings.shortcuts;
  $('shortcuts').addEventListener('change', () => set('shortcuts', $('shortcuts').checked));
}

/** Show whether a button is on. */
export function press(button, on) {
  button.setAttribute('aria-pressed', on);
}

function toggle(button, on, changed) {
  press(button, on);
  button.addEventListener('click', () => {
    const now = button.getAttribute('aria-pressed') !== 'true';
    press(button, now);
    changed(now);
  });
}
