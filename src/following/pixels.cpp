// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What following takes from an image's pixels: a small grey picture, and the bins of colours;
// called by fastsam_ros/following/motion.py and looks.py. Images are RGB, or BGR read backwards.

#include <algorithm>
#include <new>
#include <vector>

#include "../processors.hpp"
#include "soft_masks.hpp"

namespace
{

constexpr int64_t CHANNELS = 3;
constexpr int32_t SHIFT = 12, ONE = 1 << SHIFT;
constexpr float RED = 0.299F, GREEN = 0.587F, BLUE = 0.114F;  // ITU-R BT.601

FOR_EACH_PROCESSOR
void add(const uint8_t * row, int64_t length, uint16_t * sums)
{
  for (int64_t i = 0; i < length; ++i) {
    sums[i] += row[i];
  }
}

// The bins of colours: 12 of hue, 4 each of saturation and value, of OpenCV's HSV in 8 bits.
FOR_EACH_PROCESSOR
void find_bins(
  const int32_t * reds, const int32_t * greens, const int32_t * blues, int64_t count,
  uint8_t * bins)
{
  for (int64_t i = 0; i < count; ++i) {
    const int32_t red = reds[i], green = greens[i], blue = blues[i];
    int32_t value = red > green ? red : green, least = red < green ? red : green;
    value = value > blue ? value : blue;
    least = least < blue ? least : blue;
    const int32_t range = value - least;
    int32_t place = value == green ? blue - red + 2 * range : red - green + 4 * range;
    place = value == red ? green - blue : place;
    // In fixed-point numbers, to round as OpenCV does.
    const int32_t turn = static_cast<int32_t>(30.0F * ONE / (range > 0 ? range : 1) + 0.5F);
    const int32_t part = static_cast<int32_t>(255.0F * ONE / (value > 0 ? value : 1) + 0.5F);
    int32_t hue = (place * turn + ONE / 2) >> SHIFT;
    hue = hue < 0 ? hue + 180 : hue;
    const int32_t saturation = (range * part + ONE / 2) >> SHIFT;
    const int32_t hues = hue / 15;
    bins[i] = static_cast<uint8_t>(16 * hues + 4 * (saturation / 64) + value / 64);
  }
}

}  // namespace

extern "C"
{

// The mean grey of each square of `side` pixels, at most 256, `rows` times `columns` of them, into
// `grey`; one is smaller only where the image is. `row_stride` and `stride` are bytes from row to
// row and from channel to channel: -1 where `image`, the first pixel's red, lies behind the others.
// Returns 0; -1: out of memory.
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

// The bin of each pixel's colour in a window of the shrunk picture, `columns` a row, into `bins`:
// of each of its pixels the image's first is looked at. Returns as `fastsam_grey`.
int64_t fastsam_bins(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t step, const Window * window,
  int64_t columns, uint8_t * bins)
{
  try {
    const int64_t count = window->right - window->left;
    std::vector<int32_t> red(count), green(count), blue(count);
    for (int64_t y = window->top; y < window->bottom; ++y) {
      const uint8_t * pixel = image + y * step * row_stride + window->left * step * CHANNELS;
      for (int64_t x = 0; x < count; ++x, pixel += step * CHANNELS) {
        red[x] = pixel[0];
        green[x] = pixel[stride];
        blue[x] = pixel[2 * stride];
      }
      find_bins(red.data(), green.data(), blue.data(), count, bins + y * columns + window->left);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
