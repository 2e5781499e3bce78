// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Soft masks moved along with the picture; called by fastsam_ros/following/motion.py.

#include <vector>

#include "processors.hpp"
#include "soft_masks.hpp"

namespace
{

constexpr int64_t STEP = 4;  // pixels; how coarsely the window of a moved mask is looked for

// Which of `count` places lie in a window, one byte each: they are added to `columns`. Returns
// whether any does.
FOR_EACH_PROCESSOR
bool inside(
  const float * x, const float * y, int64_t count, const float * window, uint8_t * columns)
{
  const float left = window[0], top = window[1], right = window[2], bottom = window[3];
  uint8_t any = 0;
  for (int64_t i = 0; i < count; ++i) {
    const uint8_t in = (x[i] > left) & (y[i] > top) & (x[i] < right) & (y[i] < bottom);
    columns[i] |= in;
    any |= in;
  }
  return any != 0;
}

// A mask with a border of zeros, so that four neighbours are always there.
class Padded
{
public:
  void set(const Window & mask, const uint8_t * values)
  {
    stride_ = mask.width() + 2 * BORDER;
    columns_ = static_cast<uint32_t>(stride_ - 1);
    rows_ = static_cast<uint32_t>(mask.height() + 2 * BORDER - 1);
    left_ = static_cast<float>(mask.left - BORDER);
    top_ = static_cast<float>(mask.top - BORDER);
    values_.assign(stride_ * (rows_ + 1), 0);
    for (int64_t y = 0; y < mask.height(); ++y) {
      std::memcpy(
        &values_[(y + BORDER) * stride_ + BORDER], values + y * mask.width(), mask.width());
    }
  }

  // Interpolated between four values; 0 around the mask.
  uint8_t at(float x, float y) const
  {
    x -= left_;
    y -= top_;
    const int32_t column = static_cast<int32_t>(x), row = static_cast<int32_t>(y);
    if (static_cast<uint32_t>(column) >= columns_ || static_cast<uint32_t>(row) >= rows_) {
      return 0;
    }
    const uint8_t * place = values_.data() + row * stride_ + column;
    uint16_t above, below;
    std::memcpy(&above, place, sizeof(above));
    std::memcpy(&below, place + stride_, sizeof(below));
    if (above == below && place[0] == place[1]) {  // mostly
      return place[0];
    }
    const float right = x - column, down = y - row;
    const float upper = place[0] + (place[1] - place[0]) * right;
    place += stride_;
    const float lower = place[0] + (place[1] - place[0]) * right;
    return static_cast<uint8_t>(upper + (lower - upper) * down + 0.5F);
  }

private:
  static constexpr int64_t BORDER = 2;  // what is rounded towards 0 still lies outside

  std::vector<uint8_t> values_;
  int64_t stride_ = 0;
  uint32_t columns_ = 0, rows_ = 0;  // of places that have a neighbour to the right and below
  float left_ = 0, top_ = 0;
};

// Where each pixel of the newer picture was in the older one.
class Flow
{
public:
  Flow(const float * places, int64_t height, int64_t width)
  : places_(places), height_(height), width_(width), across_((width + STEP - 1) / STEP)
  {
    for (int64_t y = 0; y < height; y += STEP) {
      for (int64_t x = 0; x < width; x += STEP) {
        x_.push_back(places[2 * (y * width + x)]);
        y_.push_back(places[2 * (y * width + x) + 1]);
      }
    }
  }

  // A mask as it is on the newer picture, in the window that it may reach.
  Window move(const Window & mask, const uint8_t * values, uint8_t * out)
  {
    const Window window = reached(mask);
    padded_.set(mask, values);
    for (int64_t y = window.top; y < window.bottom; ++y) {
      const float * place = places_ + 2 * (y * width_ + window.left);
      for (int64_t x = window.left; x < window.right; ++x, place += 2) {
        *out++ = padded_.at(place[0], place[1]);
      }
    }
    return window;
  }

private:
  // Looks coarsely for the pixels that come from a window.
  Window reached(const Window & mask)
  {
    const float around[] = {
      static_cast<float>(mask.left - STEP), static_cast<float>(mask.top - STEP),
      static_cast<float>(mask.right + STEP), static_cast<float>(mask.bottom + STEP)};
    const int64_t down = static_cast<int64_t>(x_.size()) / across_;
    int64_t top = down, bottom = 0;
    columns_.assign(across_, 0);
    for (int64_t row = 0; row < down; ++row) {
      const int64_t start = row * across_;
      if (inside(&x_[start], &y_[start], across_, around, columns_.data())) {
        top = std::min(top, row);
        bottom = row + 1;
      }
    }
    const auto first = std::find(columns_.begin(), columns_.end(), 1);
    const auto last = std::find(columns_.rbegin(), columns_.rend(), 1);
    const int64_t left = first - columns_.begin(), right = columns_.rend() - last;
    if (top >= bottom) {
      return {0, 0, 0, 0};
    }
    return Window{(left - 1) * STEP, (top - 1) * STEP, (right + 1) * STEP, (bottom + 1) * STEP}
           .cut({0, 0, width_, height_});
  }

  const float * places_;
  int64_t height_, width_, across_;
  std::vector<float> x_, y_;  // every STEP-th place
  std::vector<uint8_t> columns_;
  Padded padded_;
};

}  // namespace

extern "C"
{

// `count` masks on the newer picture: windows into `moved`, values one after the other into `out`,
// sums of these into `sums`; values up to `faint` are forgotten. `places` is the flow, x and y of
// each pixel. Returns how many values there are, or -1 when they are more than `room`.
int64_t fastsam_move(
  const float * places, int64_t height, int64_t width, int64_t count, const Window * windows,
  const uint8_t * const * values, int64_t faint, Window * moved, int64_t * sums, uint8_t * out,
  int64_t room)
{
  Flow flow(places, height, width);
  int64_t written = 0;
  for (int64_t i = 0; i < count; ++i) {
    if (written + height * width > room) {
      return -1;
    }
    moved[i] = flow.move(windows[i], values[i], out + written);
    sums[i] = trim(moved[i], out + written, faint);
    written += moved[i].area();
  }
  return written;
}

}  // extern "C"
