// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MASK_CELLS_HPP_
#define MASK_CELLS_HPP_

// A soft mask that is asked for values between its pixels, and for places where all are the same.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "soft_masks.hpp"

enum class Cell : uint8_t {EMPTY, MIXED, FULL};  // all values are 0; some are not; all are 255

constexpr int32_t SHIFT = 8, PARTS = 1 << SHIFT;  // of a pixel, in which places are counted

class MaskCells
{
public:
  void set(const Window & mask, const uint8_t * values)
  {
    // Zeros around it, so that four neighbours are always there, up to whole cells.
    across_ = (mask.width() + 2 * BORDER + SIDE - 1) / SIDE;
    down_ = (mask.height() + 2 * BORDER + SIDE - 1) / SIDE;
    stride_ = across_ * SIDE;
    padded_ = {mask.left - BORDER, mask.top - BORDER, mask.left - BORDER + stride_,
      mask.top - BORDER + down_ * SIDE};
    left_ = static_cast<int32_t>(padded_.left);
    top_ = static_cast<int32_t>(padded_.top);
    columns_ = static_cast<int32_t>(stride_ - 2);
    rows_ = static_cast<int32_t>(down_ * SIDE - 2);
    values_.assign(stride_ * down_ * SIDE, 0);
    for (int64_t y = 0; y < mask.height(); ++y) {
      std::memcpy(
        &values_[(y + BORDER) * stride_ + BORDER], values + y * mask.width(), mask.width());
    }
    cells_.clear();
    for (int64_t row = 0; row < down_; ++row) {
      for (int64_t column = 0; column < across_; ++column) {
        cells_.push_back(cell(&values_[row * SIDE * stride_ + column * SIDE]));
      }
    }
  }

  // What all values in a window are.
  Cell around(const Window & window) const
  {
    const Window inside = window.cut(padded_);
    if (inside.left >= inside.right || inside.top >= inside.bottom) {
      return Cell::EMPTY;
    }
    const int64_t left = (inside.left - padded_.left) / SIDE;
    const int64_t right = (inside.right - 1 - padded_.left) / SIDE;
    const int64_t bottom = (inside.bottom - 1 - padded_.top) / SIDE;
    const int64_t top = (inside.top - padded_.top) / SIDE;
    const bool cut = inside.area() < window.area();
    const Cell first = cut ? Cell::EMPTY : cells_[top * across_ + left];
    for (int64_t row = top; row <= bottom; ++row) {
      for (int64_t column = left; column <= right; ++column) {
        if (cells_[row * across_ + column] != first) {
          return Cell::MIXED;
        }
      }
    }
    return first;
  }

  // Values at places, x and y in PARTS of a pixel, interpolated between four; 0 around the mask.
  void sample(const int32_t * places, int64_t count, uint8_t * out) const
  {
    // Copies, since what is written to `out` might be members as far as a compiler knows.
    const uint8_t * const values = values_.data();
    const int32_t stride = static_cast<int32_t>(stride_);
    const int32_t left = left_, top = top_, columns = columns_, rows = rows_;
    for (int64_t i = 0; i < count; ++i) {
      const int32_t x = places[2 * i], y = places[2 * i + 1];
      int32_t column = (x >> SHIFT) - left, row = (y >> SHIFT) - top;
      column = column < 0 ? 0 : column > columns ? columns : column;
      row = row < 0 ? 0 : row > rows ? rows : row;
      const int32_t right = x & (PARTS - 1), down = y & (PARTS - 1);
      const uint8_t * above = values + row * stride + column, * below = above + stride;
      const int32_t upper = above[0] * PARTS + (above[1] - above[0]) * right;
      const int32_t lower = below[0] * PARTS + (below[1] - below[0]) * right;
      out[i] = static_cast<uint8_t>(
        (upper * PARTS + (lower - upper) * down + PARTS * PARTS / 2) >> 2 * SHIFT);
    }
  }

private:
  static constexpr int64_t SIDE = sizeof(uint32_t);  // pixels of a cell: a row is one number
  static constexpr int64_t BORDER = 2;  // places outside are moved into it

  Cell cell(const uint8_t * values) const
  {
    uint32_t any = 0, all = ~uint32_t{0};
    for (int64_t y = 0; y < SIDE; ++y) {
      uint32_t row;
      std::memcpy(&row, values + y * stride_, sizeof(row));
      any |= row;
      all &= row;
    }
    return any == 0 ? Cell::EMPTY : ~all == 0 ? Cell::FULL : Cell::MIXED;
  }

  Window padded_{0, 0, 0, 0};
  std::vector<uint8_t> values_;
  std::vector<Cell> cells_;
  int64_t stride_ = 0, across_ = 0, down_ = 0;
  int32_t left_ = 0, top_ = 0, columns_ = 0, rows_ = 0;  // the first place, and the last ones
};

#endif  // MASK_CELLS_HPP_
