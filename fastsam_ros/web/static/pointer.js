// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Mouse, pen and finger on the picture: points, boxes, and what lies under the pointer.

const DRAG = 6; // CSS pixels; less is a click
const LONG = 500; // milliseconds; longer is a long press

/**
 * Call `on.point([x, y], {background, add})`, `on.box([x0, y0, x1, y1])`, `on.draft(box or null)`
 * and `on.hover([x, y] or null)`, all in image pixels.
 */
export function followPointer(target, stage, on) {
  let start = null; // {id, x, y, place, dragging, timer, done}

  const end = () => {
    if (!start) return;
    clearTimeout(start.timer);
    start = null;
    on.draft(null);
  };

  const boxTo = (event) => {
    const [ax, ay] = start.place;
    const [bx, by] = stage.locate(event.clientX, event.clientY);
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx) + 1, Math.max(ay, by) + 1];
  };

  target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !event.isPrimary || !stage.frame) {
      end();
      return;
    }
    target.setPointerCapture(event.pointerId);
    start = {
      id: event.pointerId, x: event.clientX, y: event.clientY, dragging: false, done: false,
      place: stage.locate(event.clientX, event.clientY), timer: 0,
    };
    if (event.pointerType !== 'mouse') start.timer = setTimeout(() => longPress(on, start), LONG);
  });

  target.addEventListener('pointermove', (event) => {
    if (!start || start.id !== event.pointerId) {
      const hovering = event.pointerType === 'mouse' && stage.frame;
      on.hover(hovering ? stage.locate(event.clientX, event.clientY) : null);
      return;
    }
    const moved = Math.hypot(event.clientX - start.x, event.clientY - start.y);
    if (start.done || (!start.dragging && moved < DRAG)) return;
    start.dragging = true;
    clearTimeout(start.timer);
    on.hover(null);
    on.draft(boxTo(event));
  });

  target.addEventListener('pointerup', (event) => {
    if (!start || start.id !== event.pointerId) return;
    const { dragging, done, place } = start;
    const box = boxTo(event);
    end();
    if (dragging) on.box(box);
    else if (!done) {
      on.point(place, { background: event.shiftKey, add: event.ctrlKey || event.metaKey });
    }
  });

  target.addEventListener('pointercancel', end);
  target.addEventListener('pointerleave', () => on.hover(null));
  target.addEventListener('contextmenu', (event) => event.preventDefault());
  return { cancel: end };
}

function longPress(on, start) {
  start.done = true;
  navigator.vibrate?.(15);
  on.point(start.place, { background: true, add: false });
}
