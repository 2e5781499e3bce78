// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Depth in metres as whole millimetres; fastsam_ros/space/depth.py.

#include <cstdint>

#include "../processors.hpp"

extern "C"
{

// 0 for NaN, for what is infinite or not above 0, and for what 16 bits don't hold.
FOR_EACH_PROCESSOR
void fastsam_millimetres(const float * metres, int64_t pixels, uint16_t * millimetres)
{
  for (int64_t i = 0; i < pixels; ++i) {
    const float rounded = metres[i] * 1000 + 0.5f;
    const bool holds = (rounded >= 1) & (rounded < 65535);
    millimetres[i] = static_cast<uint16_t>(static_cast<int32_t>(holds ? rounded : 0.0f));
  }
}

}  // extern "C"
