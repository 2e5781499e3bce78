// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Specks and pinholes taken out of masks that are run lengths; called by
// fastsam_ros/core/masks/shaping.py, which tells of what.

#include <cstdint>
#include <new>
#include <vector>

#include "cleaner.hpp"
#include "runs.hpp"

namespace
{

// The runs of a mask; where one goes on over the end of a row of the box, each row has its own.
void list_runs(const uint32_t * counts, const Extent & extent, std::vector<Run> & runs)
{
  runs.clear();
  const int64_t width = extent.width;
  int64_t place = 0;
  for (int64_t i = 0; i < extent.counts; ++i) {
    const int64_t end = place + counts[i];
    while (i % 2 == 1 && place < end) {
      const int64_t row = place / width, column = place % width;
      const int64_t length = std::min(end - place, width - column);
      const int32_t begin = extent.x + column;
      runs.push_back({
          static_cast<int32_t>(extent.y + row), begin, begin + static_cast<int32_t>(length)});
      place += length;
    }
    place = end;
  }
}

}  // namespace

extern "C"
{

// Takes out pieces of each mask below `speck` of its area, never the largest, and fills holes
// below `hole` of it.
//
// `extents` and `counts` (the run lengths of all masks, one mask's after the other's) are changed
// in place: run lengths become fewer, never more. Returns 0; -1: out of memory.
int64_t fastsam_clean(
  int64_t masks, Extent * extents, uint32_t * counts, double speck, double hole)
{
  try {
    Cleaner cleaner(speck, hole);
    std::vector<Run> runs;
    uint32_t * out = counts;
    for (int64_t i = 0; i < masks; ++i) {
      Extent & extent = extents[i];
      const int64_t number = extent.counts;
      list_runs(counts, extent, runs);
      if (cleaner(runs)) {
        extent = RunLengths(out, number).append(runs);
      } else {
        std::copy(counts, counts + number, out);
      }
      counts += number;
      out += extent.counts;
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
