// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Boxes of large regions that stop short of where their masks go on, by themselves; called by
// fastsam_ros/core/masks/shaping.py.

#include <cstdint>
#include <new>

#include "grower.hpp"

extern "C"
{

// Grows boxes, see `Grower`. Returns 0; -1: out of memory.
int64_t fastsam_grow(
  int64_t masks, const float * coefficients, const float * planes, const Layout * layout,
  const PrototypeBox * image, double share, PrototypeBox * boxes)
{
  try {
    Blocks blocks({*layout, planes});
    Grower grow(blocks, *image, share);
    for (int64_t i = 0; i < masks; ++i) {
      grow(coefficients + i * layout->count, boxes[i]);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
