// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How much soft masks share; called by fastsam_ros/following/small_mask.py.

#include <algorithm>
#include <cstdint>

namespace
{

struct Window
{
  int64_t left, top, right, bottom;

  int64_t width() const {return right - left;}

  Window cut(const Window & other) const
  {
    return {std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
      std::min(bottom, other.bottom)};
  }
};

int64_t shared(
  const Window & one, const uint8_t * values, const Window & other, const uint8_t * others)
{
  const Window both = one.cut(other);
  int64_t sum = 0;
  for (int64_t y = both.top; y < both.bottom; ++y) {
    const uint8_t * a = values + (y - one.top) * one.width() - one.left;
    const uint8_t * b = others + (y - other.top) * other.width() - other.left;
    uint32_t row = 0;
    for (int64_t x = both.left; x < both.right; ++x) {
      row += std::min(a[x], b[x]);
    }
    sum += row;
  }
  return sum;
}

}  // namespace

extern "C"
{

// sums[i]: the smaller of both values, summed over the pixels that a mask shares with the i-th of
// `count` others.
void fastsam_overlaps(
  const Window * window, const uint8_t * values, int64_t count, const Window * windows,
  const uint8_t * const * others, int64_t * sums)
{
  for (int64_t i = 0; i < count; ++i) {
    sums[i] = shared(*window, values, windows[i], others[i]);
  }
}

}  // extern "C"
