// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef PRODUCTS_HPP_
#define PRODUCTS_HPP_

#include <cstdint>

#include "processors.hpp"

// The dot product of two vectors, in sums that do not wait for each other.
INTO_EACH float product(const float * one, const float * other, int64_t length)
{
  constexpr int64_t LANES = 16;
  float sums[LANES] = {}, all = 0;
  int64_t i = 0;
  for (; i + LANES <= length; i += LANES) {
    for (int64_t lane = 0; lane < LANES; ++lane) {
      sums[lane] += one[i + lane] * other[i + lane];
    }
  }
  for (; i < length; ++i) {
    all += one[i] * other[i];
  }
  for (const float sum : sums) {
    all += sum;
  }
  return all;
}

#endif  // PRODUCTS_HPP_
