// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Mouse, pen and finger on the picture: points, boxes, and what lies under the pointer.

const DRAG = 6; // CSS pixels; less is a click
const LONG = 500; // milliseconds; longer is a long press
const MIDDLE = 1; // button of a mouse

/**
 * Call `on.point([x, y], {background, add})`, `on.part([x, y])`, `on.box([x0, y0, x1, y1])`,
 * `on.draft(box or null)` and `on.hover([x, y] or null)`, all in image pixels.
 */
export function followPointer(target, stage, view, on) {
  const fingers = new Map(); // id -> where; two of them zoom and move
  let panning = null; // {id, x, y, moved, place}; place with Alt alone

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
    if (event.pointerType === 'touch') fingers.set(event.pointerId, event);
    if (fingers.size === 2) end();
    if (event.button === MIDDLE || (event.altKey && event.button === 0)) {
      panning = {
        id: event.pointerId, x: event.clientX, y: event.clientY, moved: 0,
        place: event.altKey && stage.frame ? stage.locate(event.clientX, event.clientY) : null,
      };
      target.setPointerCapture(event.pointerId);
      event.preventDefault();
      return;
    }
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
    if (panning?.id === event.pointerId) {
      const [dx, dy] = [event.clientX - panning.x, event.clientY - panning.y];
      view.pan(dx, dy);
      Object.assign(panning, {
        x: event.clientX, y: event.clientY, moved: panning.moved + Math.hypot(dx, dy) });
      return;
    }
    if (fingers.size === 2 && fingers.has(event.pointerId)) {
      pinch(view, fingers, event);
      return;
    }
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
    fingers.delete(event.pointerId);
    if (panning?.id === event.pointerId) {
      if (panning.place && panning.moved < DRAG) on.part(panning.place);
      panning = null;
    }
    if (!start || start.id !== event.pointerId) return;
    const { dragging, done, place } = start;
    const box = boxTo(event);
    end();
    if (dragging) on.box(box);
    else if (!done) {
      on.point(place, { background: event.shiftKey, add: event.ctrlKey || event.metaKey });
    }
  });

  target.addEventListener('pointercancel', (event) => {
    fingers.delete(event.pointerId);
    panning = null;
    end();
  });
  target.addEventListener('pointerleave', () => on.hover(null));
  target.addEventListener('contextmenu', (event) => event.preventDefault());
  return { cancel: end };
}

/** Two fingers: their distance zooms, their middle moves. */
function pinch(view, fingers, event) {
  const other = [...fingers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
  const old = fingers.get(event.pointerId);
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
  view.pan((event.clientX - old.clientX) / 2, (event.clientY - old.clientY) / 2);
  view.zoom(apart(event) / apart(old), (event.clientX + other.clientX) / 2,
    (event.clientY + other.clientY) / 2);
  fingers.set(event.pointerId, event);
}

function longPress(on, start) {
  start.done = true;
  navigator.vibrate?.(15);
  on.point(start.place, { background: true, add: false });
}
