// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How much looks are alike; called by fastsam_ros/following/looks.py.

#include <cstdint>

#include "../processors.hpp"
#include "../products.hpp"

extern "C"
{

// Dot products of pairs of rows, the number of one of `ones` and that of one of `others`: of their
// first `split` values into `firsts`, of the others up to `length` into `seconds`.
FOR_EACH_PROCESSOR
void fastsam_likenesses(
  int64_t pairs, const int64_t * numbers, const int64_t * indices, const float * ones,
  const float * others, int64_t split, int64_t length, float * firsts, float * seconds)
{
  for (int64_t i = 0; i < pairs; ++i) {
    const float * one = ones + numbers[i] * length, * other = others + indices[i] * length;
    firsts[i] = product(one, other, split);
    seconds[i] = product(one + split, other + split, length - split);
  }
}

}  // extern "C"
