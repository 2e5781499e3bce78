// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef TRIM_HPP_
#define TRIM_HPP_

// What is faint in a soft mask goes, and its window becomes the smallest.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../processors.hpp"
#include "soft_masks.hpp"

// Forgets values up to `faint` in a row: the sum of what is left.
FOR_EACH_PROCESSOR
static int64_t forget(uint8_t * row, int64_t width, uint8_t faint)
{
  return sum_of(
    width, [row, faint](int64_t i) {return row[i] = row[i] > faint ? row[i] : 0;});
}

// Forgets values up to `faint` and moves the others into the smallest window that holds them:
// the sum of what is left. `values` are those of `window`, which becomes the smaller one.
static int64_t trim(Window & window, uint8_t * values, uint8_t faint)
{
  const int64_t width = window.width();
  int64_t first = width, last = 0, top = window.bottom, bottom = window.top, total = 0;
  for (int64_t y = window.top; y < window.bottom; ++y) {
    uint8_t * row = values + (y - window.top) * width;
    const int64_t sum = forget(row, width, faint);
    if (sum == 0) {
      continue;
    }
    total += sum;
    top = std::min(top, y);
    bottom = y + 1;
    first = std::find_if(row, row + first, [](uint8_t value) {return value != 0;}) - row;
    int64_t end = width;
    while (end > last && row[end - 1] == 0) {
      --end;
    }
    last = end;
  }
  const Window tight = total > 0 ?
    Window{window.left + first, top, window.left + last, bottom} :
    Window{window.left, window.top, window.left, window.top};
  for (int64_t y = tight.top; y < tight.bottom; ++y) {
    std::memmove(
      values + (y - tight.top) * tight.width(),
      values + (y - window.top) * width + tight.left - window.left, tight.width());
  }
  window = tight;
  return total;
}

#endif  // TRIM_HPP_
