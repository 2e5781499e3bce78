// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef SHARED_HPP_
#define SHARED_HPP_

#include "../processors.hpp"
#include "soft_masks.hpp"

FOR_EACH_PROCESSOR
static uint32_t shared_of_row(const uint8_t * one, const uint8_t * other, int64_t width)
{
  return sum_of(
    width, [one, other](int64_t i) {return one[i] < other[i] ? one[i] : other[i];});
}

// The smaller of both values, summed over the pixels that two masks share.
inline int64_t shared(
  const Window & one, const uint8_t * values, const Window & other, const uint8_t * others)
{
  const Window both = one.cut(other);
  int64_t sum = 0;
  for (int64_t y = both.top; y < both.bottom && both.left < both.right; ++y) {
    const uint8_t * a = values + (y - one.top) * one.width() - one.left;
    const uint8_t * b = others + (y - other.top) * other.width() - other.left;
    sum += shared_of_row(a + both.left, b + both.left, both.width());
  }
  return sum;
}

#endif  // SHARED_HPP_
