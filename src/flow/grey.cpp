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
constexpr int64_t SHORT = 256;  // rows; the sum of so many values fits 16 bits, summed faster

FOR_EACH_PROCESSOR
void add(const uint8_t * row, int64_t length, uint16_t * sums)
{
  for (int64_t i = 0; i < length; ++i) {
    sums[i] += row[i];
  }
}

FOR_EACH_PROCESSOR
void add(const uint8_t * row, int64_t length, uint32_t * sums)
{
  for (int64_t i = 0; i < length; ++i) {
    sums[i] += row[i];
  }
}

struct Image
{
  const uint8_t * first;  // byte, whether red's or blue's
  int64_t row_stride, width;
};

// The mean of each square of `across` times `down` pixels, `side` pixels from the next; `weights`
// are those of the channels as they lie in memory. Sums of columns are `Sum`, of squares `Total`.
template<typename Sum, typename Total>
void shrink(
  const Image & image, int64_t side, int64_t across, int64_t down, const float * weights,
  int64_t rows, int64_t columns, uint8_t * grey)
{
  std::vector<Sum> sums(CHANNELS * image.width);
  for (int64_t row = 0; row < rows; ++row) {
    std::fill(sums.begin(), sums.end(), 0);
    for (int64_t y = row * side; y < row * side + down; ++y) {
      add(image.first + y * image.row_stride, CHANNELS * image.width, sums.data());
    }
    for (int64_t column = 0; column < columns; ++column) {
      const Sum * sum = &sums[CHANNELS * side * column];
      Total one = 0, two = 0, three = 0;
      for (int64_t x = 0; x < across; ++x, sum += CHANNELS) {
        one += sum[0];
        two += sum[1];
        three += sum[2];
      }
      const float mean = weights[0] * one + weights[1] * two + weights[2] * three;
      *grey++ = static_cast<uint8_t>(mean + 0.5F);
    }
  }
}

}  // namespace

extern "C"
{

// The mean grey of each square of `side` pixels, `rows` times `columns` of them, into `grey`; one
// is smaller only where the image is. `row_stride` and `stride` are bytes from row to row and from
// channel to channel: -1 where `image`, the first pixel's red, lies behind the others. Returns 0;
// -1: out of memory.
int64_t fastsam_grey(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t height, int64_t width,
  int64_t side, int64_t rows, int64_t columns, uint8_t * grey)
{
  try {
    const bool backwards = stride < 0;
    const Image pixels{backwards ? image - (CHANNELS - 1) : image, row_stride, width};
    const int64_t down = std::min(side, height), across = std::min(side, width);
    const float share = 1.0F / (down * across);
    const float weights[] = {
      share * (backwards ? BLUE : RED), share * GREEN, share * (backwards ? RED : BLUE)};
    const auto work = down <= SHORT ? shrink<uint16_t, int32_t> : shrink<uint32_t, int64_t>;
    work(pixels, side, across, down, weights, rows, columns, grey);
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
