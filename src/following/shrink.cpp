// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks in a picture shrunk by a whole factor; called by fastsam_ros/following/view.py.

#include "../extent.hpp"
#include "soft_masks.hpp"

namespace
{

// A mask's window in the shrunk picture: of each of its pixels the first of the image's is looked
// at.
struct SmallWindow
{
  int64_t left, top, columns, rows;
};

class Shrinker
{
public:
  Shrinker(const Extent & mask, const SmallWindow & window, int64_t step, uint8_t * values)
  : mask_(mask), window_(window), step_(step), values_(values) {}

  // Returns how many pixels of the window are inside.
  int64_t add(const uint32_t * counts)
  {
    int64_t place = 0;
    for (int64_t i = 0; i < mask_.counts; ++i) {
      const int64_t end = place + counts[i];
      if (i % 2 == 1) {
        foreground(place, end);
      }
      place = end;
    }
    return inside_;
  }

private:
  // A run may reach over several rows of the box.
  void foreground(int64_t place, int64_t end)
  {
    while (place < end) {
      const int64_t row = place / mask_.width, next = std::min((row + 1) * mask_.width, end);
      if ((mask_.y + row) % step_ == 0) {
        piece((mask_.y + row) / step_ - window_.top, place - row * mask_.width,
          next - row * mask_.width);
      }
      place = next;
    }
  }

  // Columns of the box, in a row of the window.
  void piece(int64_t row, int64_t from, int64_t to)
  {
    const int64_t left = mask_.x + step_ - 1;
    const int64_t first = (left + from) / step_ - window_.left;
    const int64_t last = std::min((left + to) / step_ - window_.left, window_.columns);
    if (row < window_.rows && first < last) {
      std::memset(values_ + row * window_.columns + first, 255, last - first);
      inside_ += last - first;
    }
  }

  const Extent & mask_;
  const SmallWindow & window_;
  int64_t step_;
  uint8_t * values_;
  int64_t inside_ = 0;
};

}  // namespace

extern "C"
{

// The windows of all masks, 255 inside, one after the other in `values`, which are zeros when it is
// called; their sums into `sums`. `counts` holds the run lengths of all masks.
void fastsam_shrink(
  int64_t masks, const Extent * boxes, const SmallWindow * windows, const uint32_t * counts,
  int64_t step, uint8_t * values, int64_t * sums)
{
  for (int64_t i = 0; i < masks; ++i) {
    sums[i] = 255 * Shrinker(boxes[i], windows[i], step, values).add(counts);
    counts += boxes[i].counts;
    values += windows[i].columns * windows[i].rows;
  }
}

}  // extern "C"
