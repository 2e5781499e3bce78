// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Packets as packets.py makes them: header, run lengths, picture.

const KEY_OF = (stamp) => `${stamp[0]}.${stamp[1]}`;

/** One binary message: its header, its segments (null without any), its picture as a Blob. */
export function parse(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const table = header.segments;
  const total = table ? table.runs.reduce((sum, n) => sum + n, 0) : 0;
  // Without the picture, and one for all segments: a worker that gets them copies them once.
  const counts = new Uint32Array(buffer.slice(4 + length, 4 + length + 4 * total));
  const picture = new Uint8Array(buffer, 4 + length + 4 * total);
  return {
    ...header,
    key: KEY_OF(header.stamp),
    segments: table ? rows(table, counts) : null,
    picture: picture.length ? new Blob([picture], { type: header.media }) : null,
  };
}

function rows(table, counts) {
  let start = 0;
  return table.id.map((id, n) => {
    const [x, y, width, height] = table.box[n];
    const end = start + table.runs[n];
    const segment = {
      id, x, y, width, height, area: table.area[n], score: table.score[n],
      prompt: table.prompt[n], promptScore: table.prompt_score[n], label: table.label[n],
      counts: counts.subarray(start, end),
    };
    start = end;
    return segment;
  });
}
