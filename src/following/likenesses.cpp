// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How much looks are alike; called by fastsam_ros/following/looks.py.

#include <cstdint>

#include "../processors.hpp"

namespace
{

constexpr int64_t LANES = 16;  // sums that do not wait for each other

INTO_EACH float product(const float * one, const float * other, int64_t length)
{
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

}  // namespace

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
