// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef COARSE_MASKS_HPP_
#define COARSE_MASKS_HPP_

// Masks at a few points, which is enough to tell whether two are one: some hundred nanoseconds
// each, where an outline takes ten microseconds.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "../processors.hpp"
#include "tile.hpp"

// The points inside of a box, row by row: 1 where the mask holds one.
struct CoarseMask
{
  Span span;
  std::vector<uint8_t> held;
  int64_t area;

  const uint8_t * at(int64_t row, int64_t column) const
  {
    return &held[(row - span.top) * (span.right - span.left) + column - span.left];
  }
};

FOR_EACH_PROCESSOR
static int64_t count_both(const uint8_t * one, const uint8_t * other, int64_t count)
{
  int64_t both = 0;
  for (int64_t i = 0; i < count; ++i) {
    both += one[i] & other[i];
  }
  return both;
}

// Whether two masks overlap by more than `iou`; where neither holds a point they do.
inline bool overlap(const CoarseMask & one, const CoarseMask & other, double iou)
{
  const int64_t left = std::max(one.span.left, other.span.left);
  const int64_t width = std::min(one.span.right, other.span.right) - left;
  const int64_t bottom = std::min(one.span.bottom, other.span.bottom);
  int64_t shared = 0;
  for (int64_t row = std::max(one.span.top, other.span.top); width > 0 && row < bottom; ++row) {
    shared += count_both(one.at(row, left), other.at(row, left), width);
  }
  const int64_t all = one.area + other.area - shared;
  return all == 0 || shared > iou * all;
}

// Draws masks at every STEP-th prototype pixel of every STEP-th row.
class CoarseMasks
{
public:
  explicit CoarseMasks(const Prototypes & prototypes)
  : rows_((prototypes.height + STEP - 1 - FIRST) / STEP),
    columns_((prototypes.width + STEP - 1 - FIRST) / STEP),
    width_((columns_ + TOGETHER - 1) / TOGETHER * TOGETHER),
    values_(prototypes.count * rows_ * width_),
    logits_(rows_ * width_),
    points_{values_.data(), prototypes.count, rows_, width_}
  {
    float * out = values_.data();
    for (int64_t plane = 0; plane < prototypes.count; ++plane) {
      for (int64_t row = 0; row < rows_; ++row, out += width_) {
        const float * line = prototypes.values +
          (plane * prototypes.height + row * STEP + FIRST) * prototypes.width + FIRST;
        for (int64_t column = 0; column < columns_; ++column) {
          out[column] = line[column * STEP];
        }
      }
    }
  }
  CoarseMasks(const CoarseMasks &) = delete;
  CoarseMasks & operator=(const CoarseMasks &) = delete;

  // A mask inside of its box, whose sides are in network pixels.
  CoarseMask draw(const float * weights, float left, float top, float right, float bottom)
  {
    CoarseMask mask{
      {place(left, columns_), place(top, rows_), place(right, columns_), place(bottom, rows_)},
      {}, 0};
    const Span & span = mask.span;
    if (span.left >= span.right || span.top >= span.bottom) {
      mask.span = {};
      return mask;
    }
    add_all(weights, points_, span, logits_.data());
    mask.held.reserve((span.bottom - span.top) * (span.right - span.left));
    for (int64_t row = span.top; row < span.bottom; ++row) {
      for (int64_t column = span.left; column < span.right; ++column) {
        mask.held.push_back(logits_[row * width_ + column] > 0);
        mask.area += mask.held.back();
      }
    }
    return mask;
  }

private:
  static constexpr int64_t STEP = 2, FIRST = STEP / 2;
  static constexpr double STRIDE = 4;  // network pixels a prototype pixel

  // The first point of an axis that lies at a side of a box or behind it.
  static int64_t place(double side, int64_t size)
  {
    const double point = std::ceil((side / STRIDE - 0.5 - FIRST) / STEP);
    return std::min(std::max(point, 0.0), static_cast<double>(size));
  }

  const int64_t rows_, columns_, width_;  // columns that are none fill a row up
  std::vector<float> values_, logits_;
  const Prototypes points_;
};

#endif  // COARSE_MASKS_HPP_
