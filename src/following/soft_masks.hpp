// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef SOFT_MASKS_HPP_
#define SOFT_MASKS_HPP_

// Soft masks of a shrunk picture, each in its window: values 0 to 255, row by row.

#include <algorithm>
#include <cstdint>
#include <cstring>

constexpr int64_t SHORT = 256;  // values; the sum of so many fits 16 bits, which are summed faster

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
