// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef HALF_CUH_
#define HALF_CUH_

// Numbers of 16 or 32 bits as the network leaves them.

// The number that IEEE's binary16 means by some bits.
__device__ inline float widened(unsigned short bits)
{
  const unsigned sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
  if (rest >= 0x7c00u) {  // infinity or NaN
    return __uint_as_float(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
  }
  const float scaled = __uint_as_float(rest << 13) * 0x1p112f;  // exact, for subnormal ones too
  return sign ? -scaled : scaled;
}

__device__ inline float number_at(const void * values, int half, long long index)
{
  return half ? widened(static_cast<const unsigned short *>(values)[index]) :
         static_cast<const float *>(values)[index];
}

#endif  // HALF_CUH_
