// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Boxes of large regions that stop short of where their masks go on; called by
// fastsam_ros/core/masks/shaping.py, which tells of what.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace
{

// Planes of the same size, one after the other, row by row.
struct Prototypes
{
  const float * values;
  int64_t count, height, width;
};

// In prototype pixels; pixel i reaches from i to i + 1.
struct Box
{
  double left, top, right, bottom;
};

// The pixels of an axis whose middles lie between two places.
int64_t first_inside(double low) {return std::max<int64_t>(std::ceil(low - 0.5), 0);}
int64_t behind_last(double high, int64_t size)
{
  return std::min<int64_t>(std::ceil(high - 0.5), size);
}

class Mask
{
public:
  Mask(const float * coefficients, const Prototypes & prototypes)
  : coefficients_(coefficients), prototypes_(prototypes) {}

  // Whether more than half of a line of pixels belongs to it.
  bool has_most_of_row(int64_t row, const Box & box) const
  {
    const int64_t first = first_inside(box.left), end = behind_last(box.right, prototypes_.width);
    return has_most(row * prototypes_.width + first, 1, end - first);
  }

  bool has_most_of_column(int64_t column, const Box & box) const
  {
    const int64_t first = first_inside(box.top), end = behind_last(box.bottom, prototypes_.height);
    return has_most(first * prototypes_.width + column, prototypes_.width, end - first);
  }

private:
  bool has_most(int64_t start, int64_t step, int64_t length) const
  {
    int64_t on = 0;
    for (int64_t i = 0; i < length; ++i) {
      on += logit(start + i * step) > 0;
    }
    return 2 * on > length;
  }

  float logit(int64_t place) const
  {
    const int64_t plane = prototypes_.height * prototypes_.width;
    float sum = 0;
    for (int64_t i = 0; i < prototypes_.count; ++i) {
      sum += coefficients_[i] * prototypes_.values[i * plane + place];
    }
    return sum;
  }

  const float * coefficients_;
  const Prototypes & prototypes_;
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

}  // namespace

extern "C"
{

// Moves the sides of each box outwards while more than half of the line beyond belongs to the
// mask, by at most `share` of the box's width or height, and not out of `image`. Returns 0.
int64_t fastsam_grow(
  int64_t masks, const float * coefficients, const float * prototypes, int64_t count,
  int64_t height, int64_t width, const Box * image, double share, Box * boxes)
{
  const Prototypes planes{prototypes, count, height, width};
  for (int64_t i = 0; i < masks; ++i) {
    const Mask mask(coefficients + i * count, planes);
    Box & box = boxes[i];
    move_sides(
      box.left, box.right, image->left, image->right, share,
      [&](int64_t column) {return mask.has_most_of_column(column, box);});
    move_sides(
      box.top, box.bottom, image->top, image->bottom, share,
      [&](int64_t row) {return mask.has_most_of_row(row, box);});
  }
  return 0;
}

}  // extern "C"
