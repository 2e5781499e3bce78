// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Soft masks moved along with the picture; called by fastsam_ros/following/flow.py.
//
// Most of a mask is the same all around, inside or outside. So the newer picture is divided into
// blocks, and only those that come from where the mask changes are looked at pixel by pixel.

#include <cmath>
#include <new>
#include <vector>

#include "mask_cells.hpp"
#include "soft_masks.hpp"
#include "trim.hpp"

namespace
{

constexpr int64_t BLOCK = 8;  // pixels a side
static_assert(BLOCK * BLOCK <= MaskCells::MOST, "a block is looked at in one go");
constexpr float FAR = 16000.0F;  // pixels; what lies farther away is as far
constexpr int32_t POSITIVE = 1 << 22;  // makes places positive, so that they are rounded down

// Between which two of the flow's points a pixel lies, and how far on.
struct Between
{
  int64_t first, second;
  float part;
};

// How far each point of the newer picture is from where it was in the older one, known at every
// `scale`-th pixel, in steps of that size.
class Flow
{
public:
  Flow(
    const float * movement, int64_t rows, int64_t columns, int64_t scale, int64_t height,
    int64_t width)
  : movement_(movement), columns_(columns), scale_(scale), height_(height), width_(width),
    down_((height + BLOCK - 1) / BLOCK), across_((width + BLOCK - 1) / BLOCK),
    places_(down_ * across_)
  {
    for (int64_t y = 0; y < height; ++y) {
      y_.push_back(between(y, rows));
    }
    for (int64_t x = 0; x < width; ++x) {
      x_.push_back(between(x, columns));
    }
    for (int64_t row = 0; row < down_; ++row) {
      bound(row);
    }
  }

  int64_t down() const {return down_;}
  int64_t across() const {return across_;}
  Window picture() const {return {0, 0, width_, height_};}

  Window block(int64_t row, int64_t column) const
  {
    return Window{column * BLOCK, row * BLOCK, (column + 1) * BLOCK, (row + 1) * BLOCK}
           .cut(picture());
  }

  // The blocks that may come from a part of the older picture.
  Window reached(const Window & part) const
  {
    const Window around{
      part.left - most_right_ - 1, part.top - most_down_ - 1, part.right - least_right_,
      part.bottom - least_down_};
    const Window inside = around.cut(picture());
    return inside.left >= inside.right || inside.top >= inside.bottom ? Window{0, 0, 0, 0} :
           Window{inside.left / BLOCK, inside.top / BLOCK, (inside.right - 1) / BLOCK + 1,
             (inside.bottom - 1) / BLOCK + 1};
  }

  // The part of the older picture that a block is interpolated from.
  const Window & origin(int64_t row, int64_t column) const
  {
    return origins_[row * across_ + column];
  }

  // Where each pixel of a block was, in PARTS of a pixel: x of all, row by row, then y of all.
  const int32_t * places(int64_t row, int64_t column)
  {
    std::vector<int32_t> & places = places_[row * across_ + column];
    if (places.empty()) {
      const Window block = this->block(row, column);
      places.resize(2 * block.area());
      int32_t * place = places.data();
      for (int64_t y = block.top; y < block.bottom; ++y, place += block.width()) {
        trace(y, block, place, place + block.area());
      }
    }
    return places.data();
  }

private:
  Between between(int64_t pixel, int64_t points) const
  {
    const float place = (pixel + 0.5F) / scale_ - 0.5F;
    const int64_t first = static_cast<int64_t>(std::floor(place));
    const int64_t last = points - 1;
    return {
      std::clamp<int64_t>(first, 0, last), std::clamp<int64_t>(first + 1, 0, last), place - first};
  }

  // A row of a block: the flow is blended down first, at the points that the row lies between.
  void trace(int64_t y, const Window & block, int32_t * across, int32_t * down) const
  {
    float blended[2 * (BLOCK + 2)];
    const int64_t first = 2 * x_[block.left].first, last = 2 * x_[block.right - 1].second + 2;
    const float * above = movement_ + 2 * y_[y].first * columns_;
    const float * below = movement_ + 2 * y_[y].second * columns_;
    for (int64_t i = first; i < last; ++i) {
      blended[i - first] = blend(above[i], below[i], y_[y].part);
    }
    for (int64_t x = block.left; x < block.right; ++x) {
      const float * left = blended + 2 * x_[x].first - first;
      const float * right = blended + 2 * x_[x].second - first;
      *across++ = parts(x, blend(left[0], right[0], x_[x].part));
      *down++ = parts(y, blend(left[1], right[1], x_[x].part));
    }
  }

  int32_t parts(int64_t pixel, float movement) const
  {
    const float place = std::clamp(pixel + scale_ * movement, -FAR, FAR);
    return static_cast<int32_t>(place * PARTS + (POSITIVE + 0.5F)) - POSITIVE;
  }

  static float blend(float one, float other, float part) {return one + (other - one) * part;}

  // Where a row of blocks comes from: nothing moves less or more than the points around it.
  void bound(int64_t row)
  {
    const int64_t top = row * BLOCK, bottom = std::min(top + BLOCK, height_);
    const float * points = movement_ + 2 * y_[top].first * columns_;
    least_.assign(points, points + 2 * columns_);
    most_ = least_;
    for (int64_t y = y_[top].first + 1; y <= y_[bottom - 1].second; ++y) {
      points = movement_ + 2 * y * columns_;
      for (int64_t i = 0; i < 2 * columns_; ++i) {
        least_[i] = std::min(least_[i], points[i]);
        most_[i] = std::max(most_[i], points[i]);
      }
    }
    for (int64_t column = 0; column < across_; ++column) {
      origins_.push_back(origin_of(block(row, column)));
    }
  }

  Window origin_of(const Window & block)
  {
    const int64_t first = x_[block.left].first, last = x_[block.right - 1].second;
    float low[] = {least_[2 * first], least_[2 * first + 1]};
    float high[] = {most_[2 * first], most_[2 * first + 1]};
    for (int64_t x = first + 1; x <= last; ++x) {
      for (int axis = 0; axis < 2; ++axis) {
        low[axis] = std::min(low[axis], least_[2 * x + axis]);
        high[axis] = std::max(high[axis], most_[2 * x + axis]);
      }
    }
    const int64_t left = whole(low[0]), up = whole(low[1]);
    const int64_t right = whole(high[0]), down = whole(high[1]);
    least_right_ = std::min(least_right_, left);
    least_down_ = std::min(least_down_, up);
    most_right_ = std::max(most_right_, right);
    most_down_ = std::max(most_down_, down);
    return {block.left + left, block.top + up, block.right + right + 1, block.bottom + down + 1};
  }

  // Whole pixels of a movement, as `parts` rounds it.
  int64_t whole(float movement) const {return parts(0, movement) >> SHIFT;}

  const float * movement_;
  int64_t columns_, scale_, height_, width_, down_, across_;
  int64_t least_right_ = INT32_MAX, least_down_ = INT32_MAX;  // whole pixels of any movement
  int64_t most_right_ = INT32_MIN, most_down_ = INT32_MIN;
  std::vector<Between> y_, x_;
  std::vector<float> least_, most_;  // of the points of a row of blocks
  std::vector<Window> origins_;
  std::vector<std::vector<int32_t>> places_;  // of blocks that were looked at
};

class Mover
{
public:
  explicit Mover(Flow & flow)
  : flow_(flow), cells_(flow.down() * flow.across()) {}

  // A mask as it is on the newer picture, in the window that it may reach.
  Window move(const Window & mask, const uint8_t * values, uint8_t * out)
  {
    mask_.set(mask, values);
    Window blocks{flow_.across(), flow_.down(), 0, 0};
    const Window near = flow_.reached(mask);
    for (int64_t row = near.top; row < near.bottom; ++row) {
      for (int64_t column = near.left; column < near.right; ++column) {
        const Cell cell = mask_.around(flow_.origin(row, column));
        cells_[row * flow_.across() + column] = cell;
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
      .cut(flow_.picture());
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
    const Window block = flow_.block(row, column);
    const Cell cell = cells_[row * flow_.across() + column];
    uint8_t * to = out + (block.top - window.top) * window.width() + block.left - window.left;
    if (cell == Cell::MIXED) {
      const int32_t * places = flow_.places(row, column);
      uint8_t values[BLOCK * BLOCK];
      mask_.sample(places, places + block.area(), block.area(), values);
      for (int64_t y = 0; y < block.height(); ++y, to += window.width()) {
        std::memcpy(to, values + y * block.width(), block.width());
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

  Flow & flow_;
  MaskCells mask_;
  std::vector<Cell> cells_;  // of the blocks
};

}  // namespace

extern "C"
{

// `count` masks on the newer picture of `height` and `width`: windows into `moved`, values one
// after the other into `out`, sums of these into `sums`; values up to `faint` are forgotten.
// `movement` is the flow, x and y of each of its points, one at every `scale`-th pixel. Returns how
// many values there are; -1: they are more than `room`; -2: out of memory.
int64_t fastsam_move(
  const float * movement, int64_t rows, int64_t columns, int64_t scale, int64_t height,
  int64_t width, int64_t count, const Window * windows, const uint8_t * const * values,
  int64_t faint, Window * moved, int64_t * sums, uint8_t * out, int64_t room)
{
  try {
    Flow flow(movement, rows, columns, scale, height, width);
    Mover mover(flow);
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
