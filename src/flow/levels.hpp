// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef LEVELS_HPP_
#define LEVELS_HPP_

// Grey pictures at several sizes, each half of the one before, in floats.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "../processors.hpp"

// Points, and a border around them that repeats the outermost ones.
struct Plane
{
  static constexpr int64_t BORDER = 16;

  Plane(int64_t rows, int64_t columns)
  : rows(rows), columns(columns), stride(columns + 2 * BORDER),
    values((rows + 2 * BORDER) * stride) {}

  float * at(int64_t row, int64_t column)
  {
    return values.data() + (row + BORDER) * stride + column + BORDER;
  }
  const float * at(int64_t row, int64_t column) const
  {
    return values.data() + (row + BORDER) * stride + column + BORDER;
  }

  void repeat_border()
  {
    for (int64_t row = 0; row < rows; ++row) {
      float * first = at(row, 0), * last = at(row, columns - 1);
      std::fill(first - BORDER, first, *first);
      std::fill(last + 1, last + 1 + BORDER, *last);
    }
    for (int64_t row = 1; row <= BORDER; ++row) {
      std::copy_n(at(0, -BORDER), stride, at(-row, -BORDER));
      std::copy_n(at(rows - 1, -BORDER), stride, at(rows - 1 + row, -BORDER));
    }
  }

  int64_t rows, columns, stride;
  std::vector<float> values;
};

// Means of four neighbours each.
template<typename Value>
INTO_EACH void halve(const Value * above, const Value * below, int64_t columns, float * out)
{
  for (int64_t x = 0; x < columns; ++x) {
    const float upper = static_cast<float>(above[2 * x]) + static_cast<float>(above[2 * x + 1]);
    const float lower = static_cast<float>(below[2 * x]) + static_cast<float>(below[2 * x + 1]);
    out[x] = (upper + lower) * 0.25F;
  }
}
FOR_EACH_PROCESSOR
static void halve_bytes(const uint8_t * above, const uint8_t * below, int64_t columns, float * out)
{
  halve(above, below, columns, out);
}
FOR_EACH_PROCESSOR
static void halve_floats(const float * above, const float * below, int64_t columns, float * out)
{
  halve(above, below, columns, out);
}

// A picture at half its size.
static Plane half(const uint8_t * grey, int64_t rows, int64_t columns)
{
  Plane plane(rows / 2, columns / 2);
  for (int64_t row = 0; row < plane.rows; ++row) {
    const uint8_t * above = grey + 2 * row * columns;
    halve_bytes(above, above + columns, plane.columns, plane.at(row, 0));
  }
  plane.repeat_border();
  return plane;
}
static Plane half(const Plane & larger)
{
  Plane plane(larger.rows / 2, larger.columns / 2);
  for (int64_t row = 0; row < plane.rows; ++row) {
    halve_floats(
      larger.at(2 * row, 0), larger.at(2 * row + 1, 0), plane.columns, plane.at(row, 0));
  }
  plane.repeat_border();
  return plane;
}

// How grey values rise to the right and downwards, by Sobel's operator: eight times a point's
// step.
FOR_EACH_PROCESSOR
static void slope(
  const float * middle, int64_t stride, int64_t columns, float * right, float * down)
{
  const float * above = middle - stride, * below = middle + stride;
  for (int64_t x = 0; x < columns; ++x) {
    right[x] = (above[x + 1] - above[x - 1]) + 2 * (middle[x + 1] - middle[x - 1]) +
      (below[x + 1] - below[x - 1]);
    down[x] = (below[x - 1] - above[x - 1]) + 2 * (below[x] - above[x]) +
      (below[x + 1] - above[x + 1]);
  }
}

// One size of both pictures.
struct Level
{
  Level(Plane from, Plane to)
  : one(std::move(from)), other(std::move(to)), right(one.rows, one.columns),
    down(one.rows, one.columns)
  {
    for (int64_t row = 0; row < one.rows; ++row) {
      slope(one.at(row, 0), one.stride, one.columns, right.at(row, 0), down.at(row, 0));
    }
  }

  Plane one, other, right, down;
};

#endif  // LEVELS_HPP_
