// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Run lengths of masks whose runs a GPU found; called by fastsam_ros/core/masks/decoding.py.

#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "cleaner.hpp"
#include "runs.hpp"

namespace
{

// As in fastsam_ros/backends/tensorrt/kernels/masks.cu.
struct Piece
{
  int32_t begin, end;
};

struct RowRuns
{
  int32_t first, count;
};

}  // namespace

extern "C"
{

// The masks of `segments` segments, as `fastsam_trace` gives them, of runs that lie row by row in
// `rows`, `heights` rows from the image row in `tops` on, one segment's after the other's. Each
// row says where its runs are among `pieces`.
//
// Pieces of a mask below `speck` of its area go, and holes below `hole` of it are filled. `counts`
// has room for two run lengths a piece and one a segment. Returns how many there are; -1: out of
// memory.
int64_t fastsam_join(
  int64_t segments, const int64_t * tops, const int64_t * heights, const RowRuns * rows,
  const Piece * pieces, double speck, double hole, Extent * extents, uint32_t * counts)
{
  try {
    Cleaner cleaner(speck, hole);
    std::vector<Run> runs;
    RunLengths all(counts, std::numeric_limits<int64_t>::max());
    for (int64_t i = 0; i < segments; ++i) {
      runs.clear();
      for (int64_t y = tops[i]; y < tops[i] + heights[i]; ++y, ++rows) {
        const Piece * const first = pieces + rows->first;
        for (const Piece * piece = first; piece < first + rows->count; ++piece) {
          add_run(runs, y, piece->begin, piece->end);
        }
      }
      cleaner(runs);
      extents[i] = all.append(runs);
    }
    return all.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
