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
#include "prototypes.hpp"

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
  : points_(every_other(prototypes)), blocks_(points_),
    logits_(blocks_.span().right * blocks_.span().bottom) {}

  // A mask inside of its box, whose sides are in network pixels.
  CoarseMask draw(const float * weights, float left, float top, float right, float bottom)
  {
    CoarseMask mask{
      {
        place(left, points_.width), place(top, points_.height), place(right, points_.width),
        place(bottom, points_.height)},
      {}, 0};
    const Span & span = mask.span;
    if (span.left >= span.right || span.top >= span.bottom) {
      mask.span = {};
      return mask;
    }
    const int64_t stride = blocks_.span().right;
    const Span room = whole_blocks(span);
    blocks_.add_all(weights, room, &logits_[room.top * stride + room.left], stride);
    mask.held.reserve((span.bottom - span.top) * (span.right - span.left));
    for (int64_t row = span.top; row < span.bottom; ++row) {
      for (int64_t column = span.left; column < span.right; ++column) {
        mask.held.push_back(logits_[row * stride + column] > 0);
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

  // The points as planes of their own.
  static Prototypes every_other(const Prototypes & prototypes)
  {
    const auto size = [](int64_t pixels) {return (pixels + STEP - 1 - FIRST) / STEP;};
    return {
      {
        prototypes.count, size(prototypes.height), size(prototypes.width), prototypes.plane,
        STEP * prototypes.row, STEP * prototypes.pixel},
      prototypes.at(0, FIRST, FIRST)};
  }

  const Prototypes points_;
  Blocks blocks_;
  std::vector<float> logits_;
};

#endif  // COARSE_MASKS_HPP_
