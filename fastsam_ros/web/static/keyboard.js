// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Everything that the mouse can do, from the keys.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STRIDE = 1 / 48; // of the picture's longer side, for an arrow; with Shift one pixel

/**
 * Call `on[name]()` for keys. On the picture (or with nothing focused) all keys work; elsewhere
 * those that the focused control does not use itself, and letters only while `letters()`.
 */
export function followKeys(picture, stage, on, letters) {
  document.addEventListener('keydown', (event) => {
    const target = /** @type {HTMLElement} */ (event.target);
    const part = event.altKey && event.key === 'Enter' && target === picture && stage.frame;
    if (part) on.part();
    if (event.altKey || event.isComposing || target.closest?.('dialog')) return;
    const typing = target.matches?.('input[type="text"], select, textarea');
    if ((event.ctrlKey || event.metaKey) && event.key === 'z' && !typing) {
      on.undo();
      event.preventDefault();
    }
    if (event.ctrlKey || event.metaKey) return;
    if (typing) {
      if (event.key === 'Escape') on.leave();
      return;
    }
    const onPicture = stage.frame
      && (target === picture || target === document.body);
    if ((onPicture && pictureKey(event)) || anyKey(event)) event.preventDefault();
  });

  function pictureKey(event) {
    const step = STEPS[event.key];
    if (step) {
      const stride = event.shiftKey
        ? 1 : Math.max(1, Math.round(Math.max(stage.width, stage.height) * STRIDE));
      on.move(step[0] * stride, step[1] * stride);
    } else if (event.key === 'Enter') on.enter(event.shiftKey);
    else if (event.key === ' ') on.pause();
    else return false;
    return true;
  }

  function anyKey(event) {
    if (event.key === 'Escape') on.escape();
    else if (!letters() || !letterKey(event)) return false;
    return true;
  }

  function letterKey(event) {
    const names = {
      b: 'box', t: 'text', k: 'keep', a: 'add', e: 'everything', c: 'camera',
      '?': 'help', '[': 'fainter', ']': 'stronger', u: 'undo', o: 'open',
      '+': 'nearer', '=': 'nearer', '-': 'farther', 0: 'fit',
    };
    const name = names[event.key.toLowerCase()];
    const possible = name && (stage.frame || name === 'help' || name === 'open');
    if (possible) on[name]();
    return possible;
  }
}
