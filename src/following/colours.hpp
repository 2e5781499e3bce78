// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef COLOURS_HPP_
#define COLOURS_HPP_

#include <vector>

#include "../processors.hpp"
#include "soft_masks.hpp"

constexpr int64_t CHANNELS = 3;
constexpr int64_t BINS = 192;  // of colours: 12 of hue, 4 each of saturation and value
constexpr int64_t WAYS = 4;
constexpr int32_t SHIFT = 12, ONE = 1 << SHIFT;

// The bins of colours, of OpenCV's HSV in 8 bits.
FOR_EACH_PROCESSOR
static void find_bins(
  const uint8_t * reds, const uint8_t * greens, const uint8_t * blues, int64_t count,
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

// An image whose pixels are seen `step` apart: `stride` bytes from channel to channel, -1 where
// `red`, the first pixel's, lies behind the others.
struct Picture
{
  const uint8_t * red;
  int64_t row_stride, stride, step;
};

// What colours lie under masks.
class Colours
{
public:
  explicit Colours(const Picture & picture)
  : picture_(picture) {}

  // Adds those under a mask, of every pixel in `apart` rows and columns.
  void add(const Window & window, const uint8_t * values, int64_t apart, uint32_t * histogram)
  {
    const int64_t room = (window.width() / apart + 1) * (window.height() / apart + 1);
    for (auto * channel : {&reds_, &greens_, &blues_, &bins_}) {
      channel->resize(room);
    }
    int64_t found = 0;
    for (int64_t y = 0; y < window.height(); y += apart) {
      found = gather(window, y, values + y * window.width(), apart, found);
    }
    find_bins(reds_.data(), greens_.data(), blues_.data(), found, bins_.data());
    count(found, histogram);
  }

private:
  // Keeps the colours under a row of a mask, behind those that were found; returns their number.
  int64_t gather(
    const Window & window, int64_t y, const uint8_t * values, int64_t apart, int64_t found)
  {
    const int64_t step = picture_.step * CHANNELS, stride = picture_.stride;
    const uint8_t * pixel = picture_.red + (window.top + y) * picture_.step * picture_.row_stride +
      window.left * step;
    uint8_t * red = reds_.data(), * green = greens_.data(), * blue = blues_.data();
    for (int64_t x = 0; x < window.width(); x += apart, pixel += apart * step) {
      red[found] = pixel[0];
      green[found] = pixel[stride];
      blue[found] = pixel[2 * stride];
      found += values[x] >> 7;
    }
    return found;
  }

  // Neighbours mostly have the same one: counters of their own need not wait for each other.
  void count(int64_t found, uint32_t * histogram) const
  {
    uint32_t counters[WAYS][BINS] = {};
    for (int64_t i = 0; i < found; ++i) {
      ++counters[i % WAYS][bins_[i]];
    }
    for (const auto & counter : counters) {
      for (int64_t bin = 0; bin < BINS; ++bin) {
        histogram[bin] += counter[bin];
      }
    }
  }

  Picture picture_;
  std::vector<uint8_t> reds_, greens_, blues_, bins_;
};

#endif  // COLOURS_HPP_
