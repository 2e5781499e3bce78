// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What the page's modules hand to one another; for `tsc --checkJs`, no browser loads it.

/** A mask with its box; see msg/Segmentation. */
interface Segment {
  id: number;
  x: number;
  y: number;
  width: number;
  height: number;
  area: number;
  score: number;
  prompt: string;
  promptScore: number;
  label: string;
  counts: Uint32Array;
}

/** A picture and what the network found in it. */
interface Frame {
  camera: string;
  stamp: [number, number];
  key: string;
  picture: Blob;
  width?: number;
  height?: number;
  segments: Segment[] | null;
  beside?: Segment[];
  age?: number | null;
  kind?: string;
  own?: boolean;
}

interface Tint {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** fastsam_ros/drawing/style.py, as JSON. */
interface Look {
  palette: number[][];
  opacity: number;
  tint_from: number;
  tint_power: number;
  tint_least: number;
  line_share: number;
  line_light: number;
  line_opacity: number;
  cut_least: number;
  cut_chord: number;
  cut_full: number;
}

/** fastsam_ros/core/clicks.json: a network with one hidden layer. */
interface ClickRule {
  evidence: Record<string, { mean: number, weights: number[] }>;
  biases: number[];
  outputs: number[];
  offset: number;
}

interface HistoryEntry {
  frame: Frame;
  question: any;
  answer: { segments: Segment[] };
  button?: HTMLElement;
}
