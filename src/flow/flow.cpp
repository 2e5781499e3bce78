// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Optical flow between two grey pictures; called by fastsam_ros/following/motion.py.
//
// Dense inverse search (Kroeger et al., 'Fast Optical Flow using Dense Inverse Search', ECCV 2016,
// arXiv:1603.03590) without its refinement: patches of the one picture are looked for in the other
// by gradient descent, first at a small size, then from what was found at twice that size. Each
// begins where it was found at the smaller size or where the patch before or above it is, whatever
// fits best, once from the upper left and once from the lower right. A point moves as the
// patches that hold it, those that fit it well counting most.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

#include "levels.hpp"
#include "movements.hpp"
#include "patches.hpp"

namespace
{

// How a patch moves, by the movements of half the picture: its middle lies a quarter before a
// point.
float of_half(const Plane & half, const Patch & patch)
{
  const float * here = half.at((patch.row + PATCH / 2) / 2, (patch.column + PATCH / 2) / 2);
  const float * above = here - half.stride;
  const float upper = 0.75F * above[0] + 0.25F * above[-1];
  const float lower = 0.75F * here[0] + 0.25F * here[-1];
  return 1.5F * lower + 0.5F * upper;
}

// The movements of a level, from those of half its size, if there are any.
Movements search(const Level & level, const Movements * smaller)
{
  Patches patches(level);
  if (smaller) {
    for (Patch & patch : patches.all()) {
      patch.shift = {of_half(smaller->right, patch), of_half(smaller->down, patch)};
    }
  }
  measure(level, patches.all().data(), patches.all().size());
  sweep(level, patches, false);
  sweep(level, patches, true);
  Movements all(level);
  spread(level, patches.all().data(), patches.all().size(), all);
  const Patch & last = patches.all().back();
  finish(all.right, all.weights, last.row + PATCH, last.column + PATCH);
  finish(all.down, all.weights, last.row + PATCH, last.column + PATCH);
  return all;
}

// How often pictures are halved: the smallest has about 32 points a side, and none less than a
// patch.
int64_t sizes(int64_t rows, int64_t columns)
{
  int64_t most = 1;
  while (std::max(rows, columns) * std::sqrt(2.0) >= (4 * PATCH << (most + 1)) &&
    std::min(rows, columns) >= (PATCH << (most + 1)))
  {
    ++most;
  }
  return most;
}

}  // namespace

extern "C"
{

// Where each point of a grey picture is in another of the same size, at least 16 points a side:
// how far to the right and downwards, of all points. It is looked for at half their size. Returns
// 0; -1: out of memory.
int64_t fastsam_flow(
  const uint8_t * one, const uint8_t * other, int64_t rows, int64_t columns, float * movement)
{
  try {
    std::vector<Level> levels;
    const int64_t count = sizes(rows, columns);
    levels.reserve(count);
    levels.emplace_back(half(one, rows, columns), half(other, rows, columns));
    while (static_cast<int64_t>(levels.size()) < count) {
      levels.emplace_back(half(levels.back().one), half(levels.back().other));
    }
    Movements found = search(levels.back(), nullptr);
    for (levels.pop_back(); !levels.empty(); levels.pop_back()) {
      found = search(levels.back(), &found);
    }
    found.right.repeat_border();
    found.down.repeat_border();
    std::vector<float> line(2 * (found.right.columns + 3));
    for (int64_t row = 0; row < rows; ++row) {
      // The middle of point i lies at (i + 1/2) / 2 - 1/2 of the half: a quarter beside one of it.
      const int64_t near = row / 2, far = row % 2 ? near + 1 : near - 1;
      enlarge(found, near, far, line.data(), columns, movement + row * 2 * columns);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
