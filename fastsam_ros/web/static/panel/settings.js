// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What a person chose, kept in this browser.

const NAME = 'fastsam_ros';
const DEFAULTS = {
  everything: true, opacity: 0.5, selection: 'best', shortcuts: true, camera: '',
};

export const settings = { ...DEFAULTS, ...read() };

/** Change one and keep it. */
export function set(name, value) {
  settings[name] = value;
  try {
    localStorage.setItem(NAME, JSON.stringify(settings));
  } catch (error) {
    console.info(`settings last until this page is closed: ${error.message}`);
  }
}

function read() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? '{}');
    const same = ([name, value]) => typeof value === typeof DEFAULTS[name];
    return Object.fromEntries(Object.entries(kept).filter(same));
  } catch (error) {
    console.info(`settings could not be read: ${error.message}`);
    return {};
  }
}
