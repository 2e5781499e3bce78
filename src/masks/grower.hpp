// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef GROWER_HPP_
#define GROWER_HPP_

// Boxes of large regions that stop short of where their masks go on;
// fastsam_ros/core/masks/shaping.py tells of what.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>

#include "frame.hpp"
#include "prototypes.hpp"

// The pixels of an axis whose middles lie between two places, which may be NaN or far away.
inline int64_t first_inside(double low)
{
  constexpr double MOST = 1e9;
  return std::fmin(std::fmax(std::ceil(low - 0.5), 0), MOST);
}
inline int64_t behind_last(double high, int64_t size)
{
  return std::fmin(std::fmax(std::ceil(high - 0.5), 0), size);
}

// The logits of one mask after the other, where they are asked for.
class LazyMask
{
public:
  explicit LazyMask(Blocks & blocks)
  : blocks_(blocks), logits_(new float[blocks.span().right * blocks.span().bottom]) {}

  void begin(const float * weights)
  {
    weights_ = weights;
    filled_ = {};
  }

  // Whether more than half of a line of pixels belongs to it.
  bool has_most_of_row(int64_t row, const PrototypeBox & box)
  {
    const int64_t end = behind_last(box.right, blocks_.layout().width);
    return has_most({first_inside(box.left), row, end, row + 1});
  }
  bool has_most_of_column(int64_t column, const PrototypeBox & box)
  {
    const int64_t end = behind_last(box.bottom, blocks_.layout().height);
    return has_most({column, first_inside(box.top), column + 1, end});
  }

private:
  bool has_most(const Span & line)
  {
    const Layout & all = blocks_.layout();
    if (line.is_empty() || line.left < 0 || line.top < 0 || line.right > all.width ||
      line.bottom > all.height)  // beside the prototypes
    {
      return false;
    }
    fill(line);
    int64_t on = 0;
    for (int64_t y = line.top; y < line.bottom; ++y) {
      const float * row = &logits_[y * stride()];
      on += std::count_if(row + line.left, row + line.right, [](float it) {return it > 0;});
    }
    return 2 * on > (line.bottom - line.top) * (line.right - line.left);
  }

  // With its neighbours, which cost nothing more and are asked for next.
  void fill(const Span & line)
  {
    if (filled_.left <= line.left && filled_.top <= line.top &&
      filled_.right >= line.right && filled_.bottom >= line.bottom)
    {
      return;
    }
    filled_ = whole_blocks(line);
    blocks_.add_all(
      weights_, filled_, &logits_[filled_.top * stride() + filled_.left], stride());
  }

  int64_t stride() const {return blocks_.span().right;}

  Blocks & blocks_;
  const float * weights_ = nullptr;
  const std::unique_ptr<float[]> logits_;  // of all pixels; only those filled are there
  Span filled_{};
};

// Moves a low side down and then a high side up, pixel by pixel.
template<typename OnLine>
void move_sides(
  double & low, double & high, double least, double most, double share, const OnLine & is_on)
{
  const double reach = share * (high - low);
  const double lowest = std::max(low - reach, least), highest = std::min(high + reach, most);
  for (int64_t line = first_inside(low) - 1; line + 0.5 > lowest && is_on(line); --line) {
    low = std::max<double>(line, least);
  }
  for (int64_t line = first_inside(high); line + 0.5 < highest && is_on(line); ++line) {
    high = std::min<double>(line + 1, most);
  }
}

// Moves the sides of one box after the other outwards while more than half of the line beyond
// belongs to the mask, by at most `share` of the box's width or height, and not out of the image.
class Grower
{
public:
  Grower(Blocks & blocks, const PrototypeBox & image, double share)
  : mask_(blocks), image_(image), share_(share) {}

  void operator()(const float * weights, PrototypeBox & box)
  {
    mask_.begin(weights);
    move_sides(
      box.left, box.right, image_.left, image_.right, share_,
      [&](int64_t column) {return mask_.has_most_of_column(column, box);});
    move_sides(
      box.top, box.bottom, image_.top, image_.bottom, share_,
      [&](int64_t row) {return mask_.has_most_of_row(row, box);});
  }

private:
  LazyMask mask_;
  const PrototypeBox image_;
  const double share_;
};

#endif  // GROWER_HPP_
