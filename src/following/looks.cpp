// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What segments look like; called by fastsam_ros/following/looks.py.

#include <new>

#include "looks.hpp"

extern "C"
{

// Makes the looks of some segments, where they are not made. A pixel is the first of `step` times
// `step` of the image, which is RGB, or BGR read backwards; `row_stride` and `stride` are bytes
// from row to row and from channel to channel. Returns 0; -1: out of memory.
int64_t fastsam_looks(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t step, int64_t most,
  const Window * windows, const uint8_t * const * values, const double * areas,
  const float * coefficients, int64_t kinds, float * rows, uint8_t * made,
  int64_t count, const int64_t * numbers)
{
  try {
    Looks looks(
      {image, row_stride, stride, step},
      {windows, values, areas, most, coefficients, kinds, rows, made});
    for (int64_t i = 0; i < count; ++i) {
      looks.row(numbers[i]);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

// How much segments look like the more similar of two looks: of each pair the number of these two
// among `looks`, and that of a segment. `form`: whether their coefficients count. The first
// arguments are as above. Returns 0; -1: out of memory.
int64_t fastsam_likenesses(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t step, int64_t most,
  const Window * windows, const uint8_t * const * values, const double * areas,
  const float * coefficients, int64_t kinds, float * rows, uint8_t * made,
  int64_t pairs, const int64_t * numbers, const int64_t * indices, const float * looks,
  int64_t form, float * likenesses)
{
  try {
    Looks seen(
      {image, row_stride, stride, step},
      {windows, values, areas, most, coefficients, kinds, rows, made});
    for (int64_t i = 0; i < pairs; ++i) {
      likenesses[i] = seen.likeness(looks + 2 * numbers[i] * (BINS + kinds), indices[i], form);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
