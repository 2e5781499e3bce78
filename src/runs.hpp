// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef RUNS_HPP_
#define RUNS_HPP_

// Masks as runs of pixels, row by row, and as run lengths inside their tight boxes.

#include <algorithm>
#include <cstdint>
#include <vector>

// Pixels of an image row that are inside a mask; end is exclusive.
struct Run
{
  int64_t y, begin, end;
};

// A mask's tight box, its pixels, and how many run lengths it has; all 0 for an empty mask.
struct Extent
{
  int64_t x, y, width, height, area, counts;
};

inline Extent tight_box(const std::vector<Run> & runs)
{
  if (runs.empty()) {
    return {};
  }
  int64_t left = runs.front().begin, right = runs.front().end, area = 0;
  for (const Run & run : runs) {
    left = std::min(left, run.begin);
    right = std::max(right, run.end);
    area += run.end - run.begin;
  }
  const int64_t top = runs.front().y;
  return {left, top, right - left, runs.back().y + 1 - top, area, 0};
}

// Appends lengths of runs inside the box, background first; those that touch across the end of a
// row of the box are one.
inline void append(
  const std::vector<Run> & runs, const Extent & box, std::vector<uint32_t> & counts)
{
  const size_t first = counts.size();
  int64_t done = 0;
  for (const Run & run : runs) {
    const int64_t begin = (run.y - box.y) * box.width + run.begin - box.x;
    const int64_t length = run.end - run.begin;
    if (begin == done && counts.size() > first) {
      counts.back() += length;
    } else {
      counts.push_back(begin - done);
      counts.push_back(length);
    }
    done = begin + length;
  }
  if (done < box.width * box.height) {
    counts.push_back(box.width * box.height - done);
  }
}

#endif  // RUNS_HPP_
