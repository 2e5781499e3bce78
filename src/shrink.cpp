// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks in a picture shrunk by a whole factor, and the colours under them; called by
// fastsam_ros/following/view.py.

#include <algorithm>
#include <cstdint>

namespace
{

// A mask's tight box in the image, how many run lengths it has, and its window in the shrunk
// picture: of each of its pixels the first of the image's is looked at.
struct Mask
{
  int64_t x, y, width, height, counts, left, top, columns, rows;
};

class Shrinker
{
public:
  Shrinker(
    const Mask & mask, int64_t step, const uint8_t * colours, int64_t stride, uint8_t * values,
    uint32_t * histogram)
  : mask_(mask), step_(step), colours_(colours), stride_(stride), values_(values),
    histogram_(histogram) {}

  void add(const uint32_t * counts)
  {
    int64_t place = 0;
    for (int64_t i = 0; i < mask_.counts; ++i) {
      const int64_t end = place + counts[i];
      if (i % 2 == 1) {
        foreground(place, end);
      }
      place = end;
    }
  }

private:
  // A run may reach over several rows of the box.
  void foreground(int64_t place, int64_t end)
  {
    while (place < end) {
      const int64_t row = place / mask_.width, next = std::min((row + 1) * mask_.width, end);
      if ((mask_.y + row) % step_ == 0) {
        piece((mask_.y + row) / step_ - mask_.top, place - row * mask_.width,
          next - row * mask_.width);
      }
      place = next;
    }
  }

  // Columns of the box, in a row of the window.
  void piece(int64_t row, int64_t from, int64_t to)
  {
    if (row >= mask_.rows) {
      return;
    }
    const int64_t first = (mask_.x + from + step_ - 1) / step_ - mask_.left;
    const int64_t last = std::min((mask_.x + to + step_ - 1) / step_ - mask_.left, mask_.columns);
    const uint8_t * colours = colours_ + (mask_.top + row) * stride_ + mask_.left;
    for (int64_t column = first; column < last; ++column) {
      values_[row * mask_.columns + column] = 255;
      ++histogram_[colours[column]];
    }
  }

  const Mask & mask_;
  int64_t step_;
  const uint8_t * colours_;
  int64_t stride_;
  uint8_t * values_;
  uint32_t * histogram_;
};

}  // namespace

extern "C"
{

// The windows of all masks, 255 inside, one after the other in `values`; and for each mask how
// many of its pixels have each of the `bins` colours. Both are zeros when it is called.
//
// `counts` holds the run lengths of all masks; `colours` the bin of each pixel of the shrunk
// picture, `stride` pixels a row.
void fastsam_shrink(
  int64_t masks, const Mask * boxes, const uint32_t * counts, int64_t step,
  const uint8_t * colours, int64_t stride, int64_t bins, uint8_t * values, uint32_t * histograms)
{
  for (int64_t i = 0; i < masks; ++i) {
    const Mask & mask = boxes[i];
    Shrinker(mask, step, colours, stride, values, histograms).add(counts);
    counts += mask.counts;
    values += mask.columns * mask.rows;
    histograms += bins;
  }
}

}  // extern "C"
