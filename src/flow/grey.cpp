// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// A small grey picture of an image, which is RGB, or BGR read backwards; called by
// fastsam_ros/following/motion.py.

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include "../processors.hpp"

namespace
{

constexpr int64_t CHANNELS = 3;
constexpr float RED = 0.299F, GREEN = 0.587F, BLUE = 0.114F;  // ITU-R BT.601

FOR_EACH_PROCESSOR
void add(const uint8_t * row, int64_t length, uint16_t * sums)
{
  for (int64_t i = 0; i < length; ++i) {
    sums[i] += row[i];
  }
}

}  // namespace

extern "C"
{

// The mean grey of each square of `side` pixels, at most 256, `rows` times `columns` of them, into
// `grey`; one is smaller only where the image is. `row_stride` and `stride` are bytes from row to
// row and from channel to channel: -1 where `image`, the first pixel's red, lies behind the
// others. Returns 0; -1: out of memory.
int64_t fastsam_grey(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t height, int64_t width,
  int64_t side, int64_t rows, int64_t columns, uint8_t * grey)
{
  try {
    std::vector<uint16_t> sums(CHANNELS * width);  // 256 times 255 fits
    const uint8_t * first = stride < 0 ? image - (CHANNELS - 1) : image;
    const int64_t down = std::min(side, height), across = std::min(side, width);
    const float share = 1.0F / (down * across);
    const float weights[] = {
      share * (stride < 0 ? BLUE : RED), share * GREEN, share * (stride < 0 ? RED : BLUE)};
    for (int64_t row = 0; row < rows; ++row) {
      std::fill(sums.begin(), sums.end(), 0);
      for (int64_t y = row * side; y < row * side + down; ++y) {
        add(first + y * row_stride, CHANNELS * width, sums.data());
      }
      for (int64_t column = 0; column < columns; ++column) {
        const uint16_t * sum = &sums[CHANNELS * side * column];
        int32_t one = 0, two = 0, three = 0;
        for (int64_t x = 0; x < across; ++x, sum += CHANNELS) {
          one += sum[0];
          two += sum[1];
          three += sum[2];
        }
        const float mean = weights[0] * one + weights[1] * two + weights[2] * three;
        *grey++ = static_cast<uint8_t>(mean + 0.5F);
      }
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
