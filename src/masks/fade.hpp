// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef FADE_HPP_
#define FADE_HPP_

// How masks fade beyond their boxes; fastsam_ros/core/masks/fading.py tells why.

#include <algorithm>
#include <cstdint>
#include <limits>

#include "frame.hpp"

// How a mask fades: its logits are lowered by how far each prototype pixel lies
// outside. In prototype pixels; pixel i reaches from i to i + 1.
struct Fade
{
  double left, top, right, bottom;  // the box, infinitely far where it ends with the image
  double across, down;              // by how much a pixel's way lowers them

  float aside(int64_t x) const {return across * outside(left, right, x);}
  float away(int64_t y) const {return down * outside(top, bottom, y);}

private:
  static double outside(double low, double high, int64_t pixel)
  {
    const double middle = pixel + 0.5;
    return std::max({low - middle, middle - high, 0.0});
  }
};

// Of a mask with this box.
inline Fade fade_of(const ImageBox & extents, const Frame & frame)
{
  constexpr double LOGIT = 4;  // by which a mask is lowered within these shares of its box's side:
  constexpr double SMALL_SHARE = 0.06, LARGE_SHARE = 0.12;
  constexpr double LEAST = 0.5;  // pixels in which it is lowered so much at the earliest
  constexpr double FAR = std::numeric_limits<double>::infinity();
  const PrototypeBox box = frame.to_prototypes(extents);
  const double share = frame.is_large(extents) ? LARGE_SHARE : SMALL_SHARE;
  return {
    extents.left <= 0 ? -FAR : box.left, extents.top <= 0 ? -FAR : box.top,
    extents.right >= frame.width ? FAR : box.right,
    extents.bottom >= frame.height ? FAR : box.bottom,
    LOGIT / std::max(share * (box.right - box.left), LEAST),
    LOGIT / std::max(share * (box.bottom - box.top), LEAST)};
}

// Where such a mask ends at the latest.
inline PixelWindow reach_of(const ImageBox & extents, const Frame & frame)
{
  constexpr float REACH = 0.15;  // of a side; as in fastsam_ros/core/masks/fading.py
  const float across = REACH * (extents.right - extents.left);
  const float down = REACH * (extents.bottom - extents.top);
  const PixelWindow reach = frame.pixels_in({
      extents.left - across, extents.top - down, extents.right + across, extents.bottom + down});
  return reach.is_empty() ? frame.pixels_in(extents) : reach;  // some sides may be NaN
}

#endif  // FADE_HPP_
