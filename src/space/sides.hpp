// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How far points whose depth lies in a band reach to each side.

#ifndef SPACE__SIDES_HPP_
#define SPACE__SIDES_HPP_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../processors.hpp"

namespace fastsam
{

// Millimetres, both inclusive.
struct Band
{
  int64_t low, high;

  bool holds(uint16_t depth) const {return low <= depth && depth <= high;}
};

// The smallest and the largest x and y, metres.
struct Sides
{
  float left = std::numeric_limits<float>::infinity(), top = left, right = -left, bottom = -left;

  void widen(float x, float y)
  {
    left = x < left ? x : left;
    right = x > right ? x : right;
    top = y < top ? y : top;
    bottom = y > bottom ? y : bottom;
  }

  void widen(const Sides & other)
  {
    left = std::min(left, other.left);
    top = std::min(top, other.top);
    right = std::max(right, other.right);
    bottom = std::max(bottom, other.bottom);
  }
};

constexpr int64_t LANES = 8;  // pixels that are compared together
using Floats = float __attribute__((vector_size(LANES * sizeof(float))));
using Integers = int32_t __attribute__((vector_size(LANES * sizeof(int32_t))));
using Depths = uint16_t __attribute__((vector_size(LANES * sizeof(uint16_t))));

// Neither GCC nor clang makes vectors of the loop by itself: what is no number forbids it.
class ManySides
{
public:
  explicit ManySides(const Band & band)
  : low_(Integers{} + static_cast<int32_t>(band.low)),
    high_(Integers{} + static_cast<int32_t>(band.high)) {}

  FOR_EACH_PROCESSOR
  void widen(const uint16_t * depth, const float * x, const float * y, int64_t number)
  {
    Floats left = left_, top = top_, right = right_, bottom = bottom_;
    const Floats far = Floats{} + std::numeric_limits<float>::infinity();
    for (int64_t i = 0; i < number; i += LANES) {
      // The last ones are looked at twice, which changes nothing.
      const int64_t at = i + LANES <= number ? i : number - LANES;
      Depths depths;
      Floats columns, rows;
      std::memcpy(&depths, depth + at, sizeof(depths));
      std::memcpy(&columns, x + at, sizeof(columns));
      std::memcpy(&rows, y + at, sizeof(rows));
      const Integers millimetres = __builtin_convertvector(depths, Integers);
      const Integers inside = (millimetres >= low_) & (millimetres <= high_);
      const Floats metres = __builtin_convertvector(millimetres, Floats) * 0.001f;
      columns *= metres;
      rows *= metres;
      const Floats near_x = inside ? columns : far, far_x = inside ? columns : -far;
      const Floats near_y = inside ? rows : far, far_y = inside ? rows : -far;
      left = near_x < left ? near_x : left;
      right = far_x > right ? far_x : right;
      top = near_y < top ? near_y : top;
      bottom = far_y > bottom ? far_y : bottom;
    }
    left_ = left;
    top_ = top;
    right_ = right;
    bottom_ = bottom;
  }

  Sides sides() const
  {
    Sides result;
    for (int64_t i = 0; i < LANES; ++i) {
      result.widen(Sides{left_[i], top_[i], right_[i], bottom_[i]});
    }
    return result;
  }

private:
  Integers low_, high_;
  Floats left_ = Floats{} + std::numeric_limits<float>::infinity(), top_ = left_;
  Floats right_ = -left_, bottom_ = -left_;
};

}  // namespace fastsam

#endif  // SPACE__SIDES_HPP_
