// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Which masks hold which pixels; called by fastsam_ros/core/masks/run_table.py.

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include "../extent.hpp"
#include "../processors.hpp"

namespace
{

// Where runs end, counted in pixels of the box: of runs 0, 2, 4, ... the background.
void add_up(const uint32_t * counts, int64_t number, std::vector<int64_t> & ends)
{
  ends.resize(number);
  int64_t sum = 0;
  for (int64_t i = 0; i < number; ++i) {
    ends[i] = sum += counts[i];
  }
}

// Bisection as std::upper_bound's, but without a jump that a processor could guess wrongly.
bool is_foreground(const std::vector<int64_t> & ends, int64_t place)
{
  if (ends.empty()) {
    return false;  // a mask that has a box, but no runs
  }
  const int64_t * first = ends.data();
  for (int64_t left = ends.size(); left > 1; ) {
    const int64_t half = left / 2;
    first += half & -static_cast<int64_t>(first[half - 1] <= place);
    left -= half;
  }
  return (first - ends.data() + (*first <= place)) % 2 == 1;
}

// Which points lie in a mask's box: compared side by side, 1 or 0 each.
FOR_EACH_PROCESSOR
void compare(
  const Extent & box, int64_t points, const int64_t * x, const int64_t * y, uint8_t * inside)
{
  for (int64_t i = 0; i < points; ++i) {
    inside[i] = (x[i] >= box.x) & (x[i] < box.x + box.width) &
      (y[i] >= box.y) & (y[i] < box.y + box.height);
  }
}

// The numbers of the points that were found inside; how many they are.
int64_t collect(int64_t points, const uint8_t * inside, int64_t * numbers)
{
  int64_t found = 0;
  for (int64_t point = 0; point < points; ++point) {
    numbers[found] = point;
    found += inside[point];
  }
  return found;
}

}  // namespace

extern "C"
{

// hits[mask * points + point]: 1 where the pixel x, y belongs to the mask, else 0.
//
// The masks are some of a table, `numbers` says which: `counts` holds the run lengths of all, one
// mask's after the other's, and `count_ends` where each one's end. Returns 0; -1: out of memory.
int64_t fastsam_hits(
  int64_t masks, const int64_t * numbers, const Extent * boxes, const int64_t * count_ends,
  const uint32_t * counts, int64_t points, const int64_t * x, const int64_t * y, uint8_t * hits)
{
  try {
    std::vector<int64_t> ends, inside(points);
    for (int64_t i = 0; i < masks; ++i, hits += points) {
      const Extent & mask = boxes[numbers[i]];
      compare(mask, points, x, y, hits);
      const int64_t found = collect(points, hits, inside.data());
      if (found) {
        add_up(counts + count_ends[numbers[i]] - mask.counts, mask.counts, ends);
      }
      for (int64_t n = 0; n < found; ++n) {
        const int64_t point = inside[n];
        hits[point] =
          is_foreground(ends, (y[point] - mask.y) * mask.width + x[point] - mask.x);
      }
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
