// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Soft masks moved along with the picture; called by fastsam_ros/following/flow.py.
//
// Most of a mask is the same all around, inside or outside. So the newer picture is divided into
// blocks, and only those that come from where the mask changes are looked at pixel by pixel.

#include <new>
#include <vector>

#include "mask_cells.hpp"
#include "soft_masks.hpp"
#include "trim.hpp"
#include "way.hpp"

namespace
{

class Mover
{
public:
  explicit Mover(Way & way)
  : way_(way), cells_(way.down() * way.across()) {}

  // A mask as it is on the newer picture, in the window that it may reach.
  Window move(const Window & mask, const uint8_t * values, uint8_t * out)
  {
    mask_.set(mask, values);
    Window blocks{way_.across(), way_.down(), 0, 0};
    const Window near = way_.reached(mask);
    for (int64_t row = near.top; row < near.bottom; ++row) {
      for (int64_t column = near.left; column < near.right; ++column) {
        const Cell cell = mask_.around(way_.origin(row, column));
        cells_[row * way_.across() + column] = cell;
        if (cell != Cell::EMPTY) {
          blocks = blocks.join({column, row, column + 1, row + 1});
        }
      }
    }
    if (blocks.top >= blocks.bottom) {
      return {0, 0, 0, 0};
    }
    const Window window = Window{
      blocks.left * BLOCK, blocks.top * BLOCK, blocks.right * BLOCK, blocks.bottom * BLOCK}
      .cut(way_.picture());
    for (int64_t row = blocks.top; row < blocks.bottom; ++row) {
      for (int64_t column = blocks.left; column < blocks.right; ++column) {
        fill(row, column, window, out);
      }
    }
    return window;
  }

private:
  void fill(int64_t row, int64_t column, const Window & window, uint8_t * out)
  {
    const Window block = way_.block(row, column);
    const Cell cell = cells_[row * way_.across() + column];
    uint8_t * to = out + (block.top - window.top) * window.width() + block.left - window.left;
    if (cell == Cell::MIXED) {
      const int32_t * places = way_.places(row, column);
      uint8_t values[PIXELS];
      mask_.sample(places, places + PIXELS, PIXELS, values);
      for (int64_t y = 0; y < block.height(); ++y, to += window.width()) {
        std::memcpy(to, values + y * BLOCK, block.width());
      }
      return;
    }
    const int value = cell == Cell::FULL ? 255 : 0;
    for (int64_t y = 0; y < block.height(); ++y, to += window.width()) {
      if (block.width() == BLOCK) {
        std::memset(to, value, BLOCK);  // of a constant length: no call
      } else {
        std::memset(to, value, block.width());
      }
    }
  }

  Way & way_;
  MaskCells mask_;
  std::vector<Cell> cells_;  // of the blocks
};

}  // namespace

extern "C"
{

// `count` masks on the newer picture of `height` and `width`: windows into `moved`, values one
// after the other into `out`, sums of these into `sums`; values up to `faint` are forgotten.
// `movement` is the flow, x and y of each of its points, one at every second pixel. Returns how
// many values there are; -1: they are more than `room`; -2: out of memory.
int64_t fastsam_move(
  const float * movement, int64_t rows, int64_t columns, int64_t height, int64_t width,
  int64_t count, const Window * windows, const uint8_t * const * values,
  int64_t faint, Window * moved, int64_t * sums, uint8_t * out, int64_t room)
{
  try {
    Way way(movement, rows, columns, height, width);
    Mover mover(way);
    int64_t written = 0;
    for (int64_t i = 0; i < count; ++i) {
      if (written + height * width > room) {
        return -1;
      }
      moved[i] = mover.move(windows[i], values[i], out + written);
      sums[i] = trim(moved[i], out + written, faint);
      written += moved[i].area();
    }
    return written;
  } catch (const std::bad_alloc &) {
    return -2;
  }
}

}  // extern "C"
