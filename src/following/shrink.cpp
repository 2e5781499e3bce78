// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks in a picture shrunk by a whole factor; called by fastsam_ros/following/small_mask.py.

#include "../extent.hpp"
#include "soft_masks.hpp"

namespace
{

class Shrinker
{
public:
  Shrinker(const Extent & mask, const Window & window, int64_t step, uint8_t * values)
  : mask_(mask), window_(window), step_(step), row_end_(mask.width), passed_(mask.y % step),
    row_(passed_ ? -1 : 0), values_(values) {}

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
      while (place >= row_end_) {
        go_on();
      }
      const int64_t next = std::min(row_end_, end), row_begin = row_end_ - mask_.width;
      if (passed_ == 0) {
        piece(place - row_begin, next - row_begin);
      }
      place = next;
    }
  }

  // To the next row of the box; without division, of which there would be many.
  void go_on()
  {
    row_end_ += mask_.width;
    if (++passed_ == step_) {
      passed_ = 0;
      ++row_;
    }
  }

  // Columns of the box, in the row of the window.
  void piece(int64_t from, int64_t to)
  {
    const int64_t left = mask_.x + step_ - 1;
    const int64_t first = (left + from) / step_ - window_.left;
    const int64_t last = std::min((left + to) / step_ - window_.left, window_.width());
    if (row_ < window_.height() && first < last) {
      std::memset(values_ + row_ * window_.width() + first, 255, last - first);
      inside_ += last - first;
    }
  }

  const Extent & mask_;
  const Window & window_;
  int64_t step_;
  int64_t row_end_;  // in pixels of the box
  int64_t passed_;  // rows since one that counts
  int64_t row_;  // of the window
  uint8_t * values_;
  int64_t inside_ = 0;
};

// The window of a mask in a picture of so many rows and columns: of `step` times `step` pixels the
// first is looked at.
Window window_of(const Extent & mask, int64_t step, int64_t rows, int64_t columns)
{
  const auto up = [step](int64_t pixel) {return (pixel + step - 1) / step;};
  const int64_t left = up(mask.x), top = up(mask.y);
  return {
    left, top, std::max(left, std::min(up(mask.x + mask.width), columns)),
    std::max(top, std::min(up(mask.y + mask.height), rows))};
}

}  // namespace

extern "C"
{

// Shrinks some masks of a table: its rows, where each one's run lengths end, and those of all.
//
// What becomes of mask i is put where numbers[i] says: its window, where its values begin in
// `room`, 255 inside, and how many of them are. Returns how many values there are; -1: they are
// more than there is `room` for.
int64_t fastsam_shrink(
  int64_t masks, const int64_t * rows, const Extent * boxes, const int64_t * count_ends,
  const uint32_t * counts, int64_t step, int64_t height, int64_t width, const int64_t * numbers,
  Window * windows, uint8_t ** values, double * areas, uint8_t * out, int64_t room)
{
  int64_t written = 0;
  for (int64_t i = 0; i < masks; ++i) {
    const Extent & box = boxes[rows[i]];
    const Window window = window_of(box, step, height, width);
    if (written + window.area() > room) {
      return -1;
    }
    uint8_t * begin = out + written;
    std::fill_n(begin, window.area(), 0);
    windows[numbers[i]] = window;
    areas[numbers[i]] = static_cast<double>(
      Shrinker(box, window, step, begin).add(counts + count_ends[rows[i]] - box.counts));
    values[numbers[i]] = begin;
    written += window.area();
  }
  return written;
}

}  // extern "C"
