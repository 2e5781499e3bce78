// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Which masks hold which pixels; called by fastsam_ros/core/masks/run_lengths.py.

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

namespace
{

// A mask's tight box, and how many run lengths it has.
struct Mask
{
  int64_t x, y, width, height, counts;

  bool has(int64_t column, int64_t row) const
  {
    return column >= x && column < x + width && row >= y && row < y + height;
  }
};

// Where runs end, counted in pixels of the box: of runs 0, 2, 4, ... the background.
void add_up(const uint32_t * counts, int64_t number, std::vector<int64_t> & ends)
{
  ends.resize(number);
  int64_t sum = 0;
  for (int64_t i = 0; i < number; ++i) {
    ends[i] = sum += counts[i];
  }
}

bool is_foreground(const std::vector<int64_t> & ends, int64_t place)
{
  return (std::upper_bound(ends.begin(), ends.end(), place) - ends.begin()) % 2 == 1;
}

}  // namespace

extern "C"
{

// hits[mask * points + point]: 1 where the pixel x, y belongs to the mask, else 0.
//
// `counts` holds the run lengths of all masks, one mask's after the other's. Returns 0; -1: out
// of memory.
int64_t fastsam_hits(
  int64_t masks, const Mask * boxes, const uint32_t * counts, int64_t points, const int64_t * x,
  const int64_t * y, uint8_t * hits)
{
  try {
    std::vector<int64_t> ends;
    for (int64_t i = 0; i < masks; ++i) {
      const Mask & mask = boxes[i];
      ends.clear();
      for (int64_t point = 0; point < points; ++point) {
        bool hit = mask.has(x[point], y[point]);
        if (hit) {
          if (ends.empty()) {
            add_up(counts, mask.counts, ends);
          }
          hit = is_foreground(ends, (y[point] - mask.y) * mask.width + x[point] - mask.x);
        }
        *hits++ = hit;
      }
      counts += mask.counts;
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
