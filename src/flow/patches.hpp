// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef PATCHES_HPP_
#define PATCHES_HPP_

// Patches of one picture, looked for in another by gradient descent.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "../processors.hpp"
#include "levels.hpp"

constexpr int64_t PATCH = 8;  // points a side
constexpr int64_t APART = 4;  // points from patch to patch
constexpr float POINTS = PATCH * PATCH;
constexpr int64_t STEPS = 6;  // of a descent
// As slopes are eight times as steep, a quarter of Gauss and Newton's step: whole ones run away
// where a patch shows little.
constexpr float STEP = 2.0F;
constexpr float FLAT = 1e-3F;  // determinant; less tells nothing
static_assert(Plane::BORDER > PATCH + 1, "a patch may lie outside of the picture");

typedef float Row __attribute__((vector_size(4 * PATCH)));  // of a patch

INTO_EACH Row load(const float * values)
{
  Row row;
  std::memcpy(&row, values, sizeof(row));
  return row;
}

INTO_EACH float sum(const Row & row)
{
  return ((row[0] + row[4]) + (row[2] + row[6])) + ((row[1] + row[5]) + (row[3] + row[7]));
}

// Points from where a patch lies in the one picture to where it is in the other.
struct Shift
{
  float right, down;
};

struct Patch
{
  int64_t row, column;        // its first point
  Shift shift;
  float right, down;          // sums of its slopes
  float across, both, along;  // the inverse of their products' sums, times STEP
};

// How a patch differs from the other picture, and what of it goes with the slopes.
struct Difference
{
  float error, right, down;
};

// Where a patch begins in the other picture, at the farthest just beside it, and how far between
// four points.
struct Place
{
  INTO_EACH Place(const Level & level, const Patch & patch, const Shift & shift)
  {
    const float y = std::clamp<float>(patch.row + shift.down, 1 - PATCH, level.one.rows - 1);
    const float x =
      std::clamp<float>(patch.column + shift.right, 1 - PATCH, level.one.columns - 1);
    // Positive, so that what is cut off is rounded down.
    const int64_t row = static_cast<int64_t>(y + PATCH), column = static_cast<int64_t>(x + PATCH);
    below = y + PATCH - row;
    beside = x + PATCH - column;
    values = level.other.at(row - PATCH, column - PATCH);
  }

  const float * values;
  float beside, below;
};

INTO_EACH Row between(const float * values, float part)
{
  const Row left = load(values);
  return left + part * (load(values + 1) - left);
}

template<bool SLOPES>
INTO_EACH Difference differ(const Level & level, const Patch & patch, const Shift & shift)
{
  const Place place(level, patch, shift);
  const int64_t stride = level.one.stride;
  const float * other = place.values;
  const float * one = level.one.at(patch.row, patch.column);
  const float * right = level.right.at(patch.row, patch.column);
  const float * down = level.down.at(patch.row, patch.column);
  Row total{}, squares{}, rights{}, downs{};
  Row above = between(other, place.beside);
  for (int64_t y = 0; y < PATCH; ++y) {
    other += stride;
    const Row below = between(other, place.beside);
    const Row difference = above + place.below * (below - above) - load(one + y * stride);
    total += difference;
    squares += difference * difference;
    if (SLOPES) {
      rights += difference * load(right + y * stride);
      downs += difference * load(down + y * stride);
    }
    above = below;
  }
  // Without what all of its points differ by: light may change.
  const float mean = sum(total) / POINTS;
  return {
    sum(squares) - mean * mean * POINTS, SLOPES ? sum(rights) - mean * patch.right : 0,
    SLOPES ? sum(downs) - mean * patch.down : 0};
}

// Patches of a level, row by row.
class Patches
{
public:
  explicit Patches(const Level & level)
  : across_(number(level.one.columns))
  {
    for (int64_t row = 0; row < number(level.one.rows); ++row) {
      for (int64_t column = 0; column < across_; ++column) {
        patches_.push_back({row * APART, column * APART, {0, 0}, 0, 0, 0, 0, 0});
      }
    }
  }

  int64_t across() const {return across_;}
  std::vector<Patch> & all() {return patches_;}

private:
  static int64_t number(int64_t points) {return (points - PATCH) / APART + 1;}

  int64_t across_;
  std::vector<Patch> patches_;
};

// Sums over a patch's slopes, which the descent needs.
FOR_EACH_PROCESSOR
static void measure(const Level & level, Patch * patches, int64_t count)
{
  for (Patch * patch = patches; patch != patches + count; ++patch) {
    Row right{}, down{}, rights{}, both{}, downs{};
    for (int64_t y = 0; y < PATCH; ++y) {
      const Row one = load(level.right.at(patch->row + y, patch->column));
      const Row two = load(level.down.at(patch->row + y, patch->column));
      right += one;
      down += two;
      rights += one * one;
      both += one * two;
      downs += two * two;
    }
    patch->right = sum(right);
    patch->down = sum(down);
    const float xx = sum(rights), xy = sum(both), yy = sum(downs);
    const float determinant = xx * yy - xy * xy;
    const float scale = STEP / (std::fabs(determinant) < FLAT ? FLAT : determinant);
    patch->across = yy * scale;
    patch->both = -xy * scale;
    patch->along = xx * scale;
  }
}

// Looks for a patch from the best of some shifts on.
INTO_EACH void descend(const Level & level, Patch & patch, const Shift * tried, int64_t count)
{
  float least = std::numeric_limits<float>::infinity();
  Shift first = patch.shift;
  for (int64_t i = 0; i < count; ++i) {
    const float error = differ<false>(level, patch, tried[i]).error;
    if (error < least) {
      least = error;
      first = tried[i];
    }
  }
  Shift here = first;
  float before = std::numeric_limits<float>::infinity();
  for (int64_t step = 0; step < STEPS; ++step) {
    const Difference found = differ<true>(level, patch, here);
    const bool worse = found.error >= before;
    here.right -= patch.across * found.right + patch.both * found.down;
    here.down -= patch.both * found.right + patch.along * found.down;
    if (worse) {
      break;
    }
    before = found.error;
  }
  const float right = here.right - first.right, down = here.down - first.down;
  patch.shift = right * right + down * down <= PATCH * PATCH ? here : first;
}

FOR_EACH_PROCESSOR
static void sweep(const Level & level, Patches & patches, bool back)
{
  const int64_t count = patches.all().size(), way = back ? -1 : 1;
  Patch * patch = back ? &patches.all().back() : &patches.all().front();
  for (int64_t i = 0; i < count; ++i, patch += way) {
    Shift tried[] = {patch->shift, {0, 0}, {0, 0}};
    int64_t number = 1;
    if (i % patches.across() > 0) {
      tried[number++] = patch[-way].shift;
    }
    if (i >= patches.across()) {
      tried[number++] = patch[-way * patches.across()].shift;
    }
    descend(level, *patch, tried, number);
  }
}

#endif  // PATCHES_HPP_
