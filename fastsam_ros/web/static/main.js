// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The page: everything made, and wired to mouse and keyboard.

import { App } from './app.js';
import { listCameras, nextCamera, stepOpacity, wireControls } from './panel/controls.js';
import { Crosshair } from './picture/crosshair.js';
import { History } from './panel/history.js';
import { followKeys } from './keyboard.js';
import { Link } from './link.js';
import { Marks } from './picture/marks.js';
import { takePictures } from './panel/own.js';
import { followPointer } from './picture/pointer.js';
import { settings } from './panel/settings.js';
import { Stage } from './picture/stage.js';
import { Status } from './panel/status.js';
import { wireTeaching } from './panel/teaching.js';
import { View } from './picture/view.js';

const TICK = 500; // milliseconds between two looks at the rate
/** @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);

const address = new URL('ws', location.href);
address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
address.hash = '';
const link = new Link(address);
const stage = new Stage($('frame'));
const marks = new Marks($('marks'), stage);
const view = new View($('stage'), $('frame'), () => {
  $('zoom-fit').hidden = !view?.zoomed;
  stage.look(view?.zoomed ?? false);
  marks.render();
});
const app = new App({ link, stage, marks, view, status: new Status() });
app.history = new History($('history'), (entry) => app.recall(entry));
wireControls(app);
wireTeaching({
  asking: app.asking, link, say: (words) => app.say(words),
  trouble: (words) => app.trouble(words),
});
takePictures($('stage'), /** @type {HTMLInputElement} */ ($('file')), {
  picture: (blob) => app.own(blob),
  trouble: (words) => app.trouble(words),
});
link.addEventListener('state', () => listCameras(
  app.state.cameras.map(({ name }) => name), app.camera));
setInterval(() => app.render(), TICK);

const pointer = followPointer($('frame'), stage, view, {
  point: (place, how) => app.point(place, how),
  part: (place) => app.keeping.addPart(place),
  box: (box) => app.box(box),
  draft: (box) => marks.set({ draft: box }),
  hover: (place) => app.hover(place),
});

const crosshair = new Crosshair(stage, marks, {
  hover: (place) => app.hover(place),
  rest: ([x, y]) => {
    const segment = stage.at(x, y);
    app.say(`${x}, ${y}: ${segment ? segment.label || `segment ${segment.id}` : 'no segment'}`);
  },
});
$('stage').addEventListener('blur', () => crosshair.hide());

followKeys($('stage'), stage, {
  move: (dx, dy) => {
    $('stage').focus();
    crosshair.move(dx, dy);
  },
  enter: (background) => {
    if (crosshair.boxing) app.box(crosshair.endBox());
    else app.point(crosshair.place, { background });
    crosshair.show();
  },
  part: () => app.keeping.addPart(crosshair.place),
  box: () => {
    if (crosshair.boxing) {
      app.box(crosshair.endBox());
      return;
    }
    $('stage').focus();
    app.hold(true);
    crosshair.beginBox();
    app.say('Box begun: move the crosshair to the opposite corner and press B');
  },
  escape: () => {
    pointer.cancel();
    if (crosshair.boxing) crosshair.dropBox();
    else {
      app.hold(false);
      crosshair.hide();
    }
  },
  leave: () => $('stage').focus(),
  text: () => $('text').select(), // and focus: what is typed replaces the last words
  keep: () => app.keep(),
  pause: () => app.pause(),
  add: () => $('add').click(),
  everything: () => $('everything').click(),
  help: () => $('help-button').click(),
  undo: () => app.undo(),
  open: () => $('file').click(),
  nearer: () => view.step(1),
  farther: () => view.step(-1),
  fit: () => view.reset(),
  camera: () => nextCamera(app),
  fainter: () => stepOpacity(-1),
  stronger: () => stepOpacity(1),
}, () => settings.shortcuts);
