// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef VECTORS_HPP_
#define VECTORS_HPP_

// Values that a processor computes side by side, in GCC's and Clang's vector types: on processors
// without such registers they are computed in parts, with the same result.

#include <cstdint>
#include <cstring>

#include "processors.hpp"

// Four, as compilers take comparisons of wider ones apart. Comparisons give -1 and 0.
constexpr int64_t SIDE_BY_SIDE = 4;
typedef float Floats __attribute__((vector_size(4 * SIDE_BY_SIDE)));
typedef int32_t Ints __attribute__((vector_size(4 * SIDE_BY_SIDE)));
typedef double Doubles __attribute__((vector_size(8 * SIDE_BY_SIDE)));
typedef int64_t Longs __attribute__((vector_size(8 * SIDE_BY_SIDE)));

// Memory need not be aligned.
INTO_EACH Doubles load(const double * values)
{
  Doubles loaded;
  std::memcpy(&loaded, values, sizeof(loaded));
  return loaded;
}
INTO_EACH Doubles least(const Doubles & one, const Doubles & other)
{
  return one < other ? one : other;
}
INTO_EACH Doubles most(const Doubles & one, const Doubles & other)
{
  return one > other ? one : other;
}

// Whether a comparison was true of any value.
template<typename Comparison>
INTO_EACH bool any(const Comparison & comparison)
{
  uint64_t parts[sizeof(Comparison) / sizeof(uint64_t)], together = 0;
  std::memcpy(parts, &comparison, sizeof(parts));
  for (const uint64_t part : parts) {
    together |= part;
  }
  return together != 0;
}

#endif  // VECTORS_HPP_
