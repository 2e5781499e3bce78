// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MOVEMENTS_HPP_
#define MOVEMENTS_HPP_

// How the points of a picture move, from how its patches do.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../processors.hpp"
#include "../vectors.hpp"
#include "levels.hpp"
#include "patches.hpp"

// Movements of all points, which patches add to.
struct Movements
{
  explicit Movements(const Level & level)
  : right(level.one.rows, level.one.columns), down(level.one.rows, level.one.columns),
    weights(level.one.rows, level.one.columns) {}

  Plane right, down, weights;
};

// How surely points move with a patch that differs there by so many grey levels.
INTO_EACH Row likely(const Row & differences)
{
  Row weights;
  for (int64_t x = 0; x < PATCH; x += SIDE_BY_SIDE) {
    Floats some;
    std::memcpy(&some, reinterpret_cast<const float *>(&differences) + x, sizeof(some));
    some = some < 0 ? -some : some;
    some = 1 / (some > 1 ? some : Floats{1, 1, 1, 1});
    std::memcpy(reinterpret_cast<float *>(&weights) + x, &some, sizeof(some));
  }
  return weights;
}

INTO_EACH void add(const Row & row, float * sums)
{
  const Row more = load(sums) + row;
  std::memcpy(sums, &more, sizeof(more));
}

FOR_EACH_PROCESSOR
static void spread(const Level & level, const Patch * patches, int64_t count, Movements & all)
{
  const int64_t stride = level.one.stride;
  for (const Patch * patch = patches; patch != patches + count; ++patch) {
    const Place place(level, *patch, patch->shift);
    const float * other = place.values;
    const float * one = level.one.at(patch->row, patch->column);
    float * right = all.right.at(patch->row, patch->column);
    float * down = all.down.at(patch->row, patch->column);
    float * weights = all.weights.at(patch->row, patch->column);
    Row above = between(other, place.beside);
    for (int64_t y = 0; y < PATCH; ++y) {
      other += stride;
      const Row below = between(other, place.beside);
      const Row difference = above + place.below * (below - above) - load(one + y * stride);
      const Row weight = likely(difference);
      add(patch->shift.right * weight, right + y * stride);
      add(patch->shift.down * weight, down + y * stride);
      add(weight, weights + y * stride);
      above = below;
    }
  }
}

FOR_EACH_PROCESSOR
static void divide(const float * weights, int64_t count, float * sums)
{
  for (int64_t x = 0; x < count; ++x) {
    sums[x] /= weights[x];
  }
}

// Makes means of the sums; points that no patch reaches, at the border, move as those beside them.
static void finish(Plane & sums, const Plane & weights, int64_t rows, int64_t columns)
{
  for (int64_t row = 0; row < sums.rows; ++row) {
    float * first = sums.at(row, 0);
    if (row < rows) {
      divide(weights.at(row, 0), columns, first);
      std::fill(first + columns, first + sums.columns, first[columns - 1]);
    } else {
      std::copy_n(sums.at(rows - 1, 0), sums.columns, first);
    }
  }
}

// A row of movements at twice the size, from the two rows that it lies between.
FOR_EACH_PROCESSOR
static void enlarge(
  const Movements & half, int64_t near, int64_t far, float * line, int64_t columns, float * out)
{
  const float * right = half.right.at(near, -1), * rights = half.right.at(far, -1);
  const float * down = half.down.at(near, -1), * downs = half.down.at(far, -1);
  const int64_t count = half.right.columns + 3;
  for (int64_t x = 0; x < count; ++x) {
    line[2 * x] = 1.5F * right[x] + 0.5F * rights[x];
    line[2 * x + 1] = 1.5F * down[x] + 0.5F * downs[x];
  }
  for (int64_t x = 0; x < columns / 2; ++x) {
    const float * here = line + 2 * x + 2;
    out[4 * x] = 0.75F * here[0] + 0.25F * here[-2];
    out[4 * x + 1] = 0.75F * here[1] + 0.25F * here[-1];
    out[4 * x + 2] = 0.75F * here[0] + 0.25F * here[2];
    out[4 * x + 3] = 0.75F * here[1] + 0.25F * here[3];
  }
  if (columns % 2) {
    std::memcpy(out + 2 * columns - 2, line + 2 * (count - 2), 2 * sizeof(float));
  }
}

#endif  // MOVEMENTS_HPP_
