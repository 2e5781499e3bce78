// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef SOFT_MASKS_HPP_
#define SOFT_MASKS_HPP_

// Soft masks of a shrunk picture, each in its window: values 0 to 255, row by row.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../processors.hpp"

constexpr int64_t SHORT = 256;  // values; the sum of so many fits 16 bits, which are summed faster

// The sum of `value` of 0 to `count` - 1, each 0 to 255.
template<typename Value>
INTO_EACH uint32_t sum_of(int64_t count, const Value & value)
{
  uint32_t sum = 0;
  for (int64_t start = 0; start < count; start += SHORT) {
    const int64_t end = start + SHORT < count ? start + SHORT : count;
    uint16_t part = 0;
    for (int64_t i = start; i < end; ++i) {
      part += value(i);
    }
    sum += part;
  }
  return sum;
}

struct Window
{
  int64_t left, top, right, bottom;

  int64_t width() const {return right - left;}
  int64_t height() const {return bottom - top;}
  int64_t area() const {return width() * height();}

  Window cut(const Window & other) const
  {
    return {std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
      std::min(bottom, other.bottom)};
  }

  Window join(const Window & other) const
  {
    return {std::min(left, other.left), std::min(top, other.top), std::max(right, other.right),
      std::max(bottom, other.bottom)};
  }
};

#endif  // SOFT_MASKS_HPP_
