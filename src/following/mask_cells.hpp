// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef MASK_CELLS_HPP_
#define MASK_CELLS_HPP_

// A soft mask that is asked for values between its pixels, and for places where all are the same.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../processors.hpp"
#include "soft_masks.hpp"

enum class Cell : uint8_t {EMPTY, MIXED, FULL};  // all values are 0; some are not; all are 255

constexpr int32_t SHIFT = 8, PARTS = 1 << SHIFT;  // of a pixel, in which places are counted

// Where values lie: the first place, the last column and row that have neighbours, and a row's
// length.
struct Corners
{
  int32_t left, top, columns, rows, stride;
};

// The number of the upper left one of the four values around each place, or beside the mask.
FOR_EACH_PROCESSOR
static void find_corners(
  const int32_t * x, const int32_t * y, int64_t count, const Corners & inner, int32_t * corners)
{
  const Corners in = inner;
  for (int64_t i = 0; i < count; ++i) {
    int32_t column = (x[i] >> SHIFT) - in.left, row = (y[i] >> SHIFT) - in.top;
    column = column < 0 ? 0 : column > in.columns ? in.columns : column;
    row = row < 0 ? 0 : row > in.rows ? in.rows : row;
    corners[i] = row * in.stride + column;
  }
}

// Between two values above each place and two below, the left one in the lower byte.
FOR_EACH_PROCESSOR
static void interpolate(
  const int32_t * x, const int32_t * y, const uint16_t * above, const uint16_t * below,
  int64_t count, uint8_t * out)
{
  for (int64_t i = 0; i < count; ++i) {
    const int32_t right = x[i] & (PARTS - 1), down = y[i] & (PARTS - 1);
    const int32_t first = above[i] & 255, second = above[i] >> 8;
    const int32_t third = below[i] & 255, fourth = below[i] >> 8;
    const int32_t upper = first * PARTS + (second - first) * right;
    const int32_t lower = third * PARTS + (fourth - third) * right;
    out[i] = static_cast<uint8_t>(
      (upper * PARTS + (lower - upper) * down + PARTS * PARTS / 2) >> 2 * SHIFT);
  }
}

// What the values in a row of cells are, each of SIDE rows of as many values: such a row is one
// number.
constexpr int64_t SIDE = sizeof(uint32_t);
FOR_EACH_PROCESSOR
static void tell_cells(const uint8_t * values, int64_t count, Cell * cells)
{
  for (int64_t i = 0; i < count; ++i) {
    uint32_t rows[SIDE];
    for (int64_t y = 0; y < SIDE; ++y) {
      std::memcpy(&rows[y], values + (y * count + i) * SIDE, SIDE);
    }
    const uint32_t any = rows[0] | rows[1] | rows[2] | rows[3];
    const uint32_t all = rows[0] & rows[1] & rows[2] & rows[3];
    cells[i] = any == 0 ? Cell::EMPTY : all == ~uint32_t{0} ? Cell::FULL : Cell::MIXED;
  }
}

class MaskCells
{
public:
  static constexpr int64_t MOST = 64;  // places that are looked at together

  void set(const Window & mask, const uint8_t * values)
  {
    // Zeros around it, so that four neighbours are always there, up to whole cells.
    across_ = (mask.width() + 2 * BORDER + SIDE - 1) / SIDE;
    down_ = (mask.height() + 2 * BORDER + SIDE - 1) / SIDE;
    stride_ = across_ * SIDE;
    padded_ = {mask.left - BORDER, mask.top - BORDER, mask.left - BORDER + stride_,
      mask.top - BORDER + down_ * SIDE};
    inner_ = {
      static_cast<int32_t>(padded_.left), static_cast<int32_t>(padded_.top),
      static_cast<int32_t>(stride_ - 2), static_cast<int32_t>(down_ * SIDE - 2),
      static_cast<int32_t>(stride_)};
    values_.assign(stride_ * down_ * SIDE, 0);
    for (int64_t y = 0; y < mask.height(); ++y) {
      std::memcpy(
        &values_[(y + BORDER) * stride_ + BORDER], values + y * mask.width(), mask.width());
    }
    cells_.resize(down_ * across_);
    for (int64_t row = 0; row < down_; ++row) {
      tell_cells(&values_[row * SIDE * stride_], across_, &cells_[row * across_]);
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

  // Values at up to MOST places, interpolated between four; 0 around the mask. In three loops, of
  // which processors do the first and the last for several places at once.
  void sample(const int32_t * x, const int32_t * y, int64_t count, uint8_t * out) const
  {
    int32_t corners[MOST];
    uint16_t above[MOST], below[MOST];
    find_corners(x, y, count, inner_, corners);
    for (int64_t i = 0; i < count; ++i) {
      const uint8_t * const corner = values_.data() + corners[i];
      std::memcpy(&above[i], corner, sizeof(above[i]));
      std::memcpy(&below[i], corner + stride_, sizeof(below[i]));
    }
    interpolate(x, y, above, below, count, out);
  }

private:
  static constexpr int64_t BORDER = 2;  // places outside are moved into it

  Window padded_{0, 0, 0, 0};
  std::vector<uint8_t> values_;
  std::vector<Cell> cells_;
  int64_t stride_ = 0, across_ = 0, down_ = 0;
  Corners inner_{0, 0, 0, 0, 0};
};

#endif  // MASK_CELLS_HPP_
