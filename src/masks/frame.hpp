// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef FRAME_HPP_
#define FRAME_HPP_

// Boxes in pixels of the image and in pixels of the prototypes.

#include <algorithm>
#include <cmath>
#include <cstdint>

// A segment's box in image pixels, as Python has it.
struct ImageBox
{
  float left, top, right, bottom;
};

// In prototype pixels; pixel i reaches from i to i + 1.
struct PrototypeBox
{
  double left, top, right, bottom;
};

// Image pixels; right and bottom are exclusive. It may be empty.
struct PixelWindow
{
  int64_t left, top, right, bottom;

  bool is_empty() const {return left >= right || top >= bottom;}
};

// The image among the prototypes: `frame_of` in fastsam_ros/core/masks/shaping.py.
struct Frame
{
  double scale_x, scale_y;    // prototype pixels an image pixel
  double offset_x, offset_y;  // of the image's corner, prototype pixels
  double width, height;       // of the image, its pixels
  double large;               // boxes of more image pixels are large

  PrototypeBox to_prototypes(const ImageBox & box) const
  {
    return {
      box.left * scale_x + offset_x, box.top * scale_y + offset_y,
      box.right * scale_x + offset_x, box.bottom * scale_y + offset_y};
  }
  ImageBox to_image(const PrototypeBox & box) const
  {
    const auto x = [this](double place) {return static_cast<float>((place - offset_x) / scale_x);};
    const auto y = [this](double place) {return static_cast<float>((place - offset_y) / scale_y);};
    return {x(box.left), y(box.top), x(box.right), y(box.bottom)};
  }
  PrototypeBox image() const
  {
    return {offset_x, offset_y, width * scale_x + offset_x, height * scale_y + offset_y};
  }

  bool is_large(const ImageBox & box) const
  {
    return (box.right - box.left) * (box.bottom - box.top) > static_cast<float>(large);
  }

  // As `pixel_windows` in fastsam_ros/core/boxes.py has them.
  PixelWindow pixels_in(const ImageBox & box) const
  {
    PixelWindow window{
      side(box.left, width), side(box.top, height), side(box.right, width),
      side(box.bottom, height)};
    if (window.right <= window.left || window.bottom <= window.top) {
      window.right = window.left;
      window.bottom = window.top;
    }
    return window;
  }

private:
  // NaN counts as 0.
  static int64_t side(float place, double limit)
  {
    const double pixel = std::ceil(place);
    return pixel > 0 ? std::min(pixel, limit) : 0;
  }
};

#endif  // FRAME_HPP_
