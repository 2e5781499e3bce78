// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef EXTENT_HPP_
#define EXTENT_HPP_

#include <cstdint>

// A mask's tight box, its pixels, and how many run lengths it has; all 0 for an empty mask.
struct Extent
{
  int64_t x, y, width, height, area, counts;
};

#endif  // EXTENT_HPP_
