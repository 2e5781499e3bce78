// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How much soft masks share, and masks between two; called by fastsam_ros/following/small_mask.py.

#include <new>
#include <vector>

#include "../processors.hpp"
#include "shared.hpp"
#include "soft_masks.hpp"
#include "trim.hpp"

namespace
{

FOR_EACH_PROCESSOR
void add_row(const uint8_t * values, int64_t width, uint16_t share, uint16_t * sums)
{
  for (int64_t x = 0; x < width; ++x) {
    sums[x] += share * values[x];
  }
}

// Adds a share, 0 to 256, of a row of a mask's values to sums that begin at a column.
void add(
  const Window & mask, const uint8_t * values, uint16_t share, int64_t y, int64_t left,
  uint16_t * sums)
{
  if (y >= mask.top && y < mask.bottom) {
    add_row(
      values + (y - mask.top) * mask.width(), mask.width(), share, sums + mask.left - left);
  }
}

FOR_EACH_PROCESSOR
void take_whole_parts(const uint16_t * sums, int64_t count, uint8_t * out)
{
  for (int64_t i = 0; i < count; ++i) {
    out[i] = static_cast<uint8_t>(sums[i] >> 8);
  }
}

}  // namespace

extern "C"
{

// sums[i]: the smaller of both values, summed over the pixels that the masks of pair i share: the
// number of one of the first masks, and that of one of the others.
void fastsam_overlaps(
  int64_t pairs, const int64_t * firsts, const int64_t * seconds, const Window * windows,
  const uint8_t * const * values, const Window * other_windows, const uint8_t * const * others,
  int64_t * sums)
{
  for (int64_t i = 0; i < pairs; ++i) {
    const int64_t a = firsts[i], b = seconds[i];
    sums[i] = shared(windows[a], values[a], other_windows[b], others[b]);
  }
}

// Masks between each of `count` and one other each, of which `share` 256ths are taken: windows
// into `blended`, values one after the other into `out`, sums of these into `sums`. Values up to
// `faint` are forgotten. Returns how many values there are; -1: they are more than `room`; -2: out
// of memory.
int64_t fastsam_blend(
  int64_t count, const Window * windows, const uint8_t * const * values,
  const Window * other_windows, const uint8_t * const * others, int64_t share, int64_t faint,
  Window * blended, int64_t * sums, uint8_t * out, int64_t room)
{
  try {
    std::vector<uint16_t> mixed;
    int64_t written = 0;
    for (int64_t i = 0; i < count; ++i) {
      blended[i] = windows[i].join(other_windows[i]);
      const int64_t area = blended[i].area();
      if (written + area > room) {
        return -1;
      }
      const Window both = blended[i];
      for (int64_t y = both.top; y < both.bottom; ++y) {
        mixed.assign(both.width(), 0);
        add(windows[i], values[i], 256 - share, y, both.left, mixed.data());
        add(other_windows[i], others[i], share, y, both.left, mixed.data());
        take_whole_parts(
          mixed.data(), both.width(), out + written + (y - both.top) * both.width());
      }
      sums[i] = trim(blended[i], out + written, faint);
      written += blended[i].area();
    }
    return written;
  } catch (const std::bad_alloc &) {
    return -2;
  }
}

}  // extern "C"
