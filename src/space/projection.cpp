// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Points of another sensor in an image, those that are hidden left out;
// fastsam_ros/space/projection.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

extern "C"
{

// The nearest of the points that fall on each pixel; `depth` holds zeros, or what is there.
//
// `columns`, `rows` and `metres` are of `points` points; those outside of the image, or not in
// front of it, are left out. A point is hidden where one lies before it, by more than `slack`
// times its depth, in the same cell of `cell` by `cell` pixels: nearer things are not dense
// enough to cover all that is behind them. `winners` says for each point the pixel that it is
// seen at; -1: hidden or outside. Returns how many pixels got a depth; -1: out of memory.
int64_t fastsam_project(
  int64_t points, const float * columns, const float * rows, const float * metres,
  int64_t height, int64_t width, int64_t cell, double slack, float * depth, int64_t * winners)
{
  try {
    const int64_t across = (width + cell - 1) / cell, down = (height + cell - 1) / cell;
    std::vector<float> nearest(across * down, std::numeric_limits<float>::infinity());
    for (int64_t i = 0; i < points; ++i) {
      winners[i] = -1;
      const float x = columns[i] + 0.5f, y = rows[i] + 0.5f, z = metres[i];
      if (z > 0 && x >= 0 && y >= 0 && x < width && y < height && std::isfinite(z)) {
        const int64_t column = x, row = y;
        winners[i] = row * width + column;
        float & near = nearest[row / cell * across + column / cell];
        near = std::min(near, z);
      }
    }
    int64_t seen = 0;
    for (int64_t i = 0; i < points; ++i) {
      if (winners[i] < 0) {
        continue;
      }
      const int64_t at = winners[i], row = at / width, column = at % width;
      if (metres[i] > (1 + slack) * nearest[row / cell * across + column / cell]) {
        winners[i] = -1;
        continue;
      }
      seen += depth[at] == 0;
      depth[at] = depth[at] == 0 ? metres[i] : std::min(depth[at], metres[i]);
    }
    return seen;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
