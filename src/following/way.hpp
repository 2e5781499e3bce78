// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef WAY_HPP_
#define WAY_HPP_

// Where the pixels of a picture were in an older one, block by block.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "../processors.hpp"
#include "mask_cells.hpp"
#include "soft_masks.hpp"

constexpr int64_t BLOCK = 8;  // pixels a side
constexpr int64_t PIXELS = BLOCK * BLOCK;
static_assert(PIXELS <= MaskCells::MOST, "a block is looked at in one go");
constexpr float SCALE = 2.0F;  // pixels from one of the flow's points to the next
constexpr float FAR = 16000.0F;  // pixels; what lies farther away is as far
constexpr int32_t POSITIVE = 1 << 22;  // makes places positive, so that they are rounded down

INTO_EACH float blend(float one, float other, float part) {return one + (other - one) * part;}

// A place, or a movement, in PARTS of a pixel.
INTO_EACH int32_t in_parts(float place)
{
  const float near = place > -FAR ? place < FAR ? place : FAR : -FAR;  // NaN too is far
  return static_cast<int32_t>(near * PARTS + (POSITIVE + 0.5F)) - POSITIVE;
}

// The flow between two rows of its points: x of all, then y of all.
FOR_EACH_PROCESSOR
static void blend_rows(
  const float * above, const float * below, float part, int64_t columns, float * x, float * y)
{
  for (int64_t i = 0; i < columns; ++i) {
    x[i] = blend(above[2 * i], below[2 * i], part);
    y[i] = blend(above[2 * i + 1], below[2 * i + 1], part);
  }
}

// Where pairs of pixels were, a quarter before a point and a quarter behind it: `step` from one
// pixel to the next, `start` of the first.
FOR_EACH_PROCESSOR
static void find_places(
  const float * points, int64_t pairs, float start, float step, int32_t * places)
{
  for (int64_t i = 0; i < pairs; ++i) {
    const float before = blend(points[i - 1], points[i], 0.75F);
    const float behind = blend(points[i], points[i + 1], 0.25F);
    const float pixel = static_cast<float>(static_cast<int32_t>(2 * i)) * step + start;
    places[2 * i] = in_parts(pixel + SCALE * before);
    places[2 * i + 1] = in_parts(pixel + step + SCALE * behind);
  }
}

// The least and the largest of each PIXELS places.
FOR_EACH_PROCESSOR
static void bound(const int32_t * places, int64_t count, int32_t * least, int32_t * most)
{
  for (int64_t i = 0; i < count; ++i, places += PIXELS) {
    int32_t low = places[0], high = places[0];
    for (int64_t pixel = 1; pixel < PIXELS; ++pixel) {
      low = low < places[pixel] ? low : places[pixel];
      high = high > places[pixel] ? high : places[pixel];
    }
    least[i] = low;
    most[i] = high;
  }
}

// The least and the largest x and y of some points.
FOR_EACH_PROCESSOR
static void find_extremes(const float * points, int64_t count, float * least, float * most)
{
  constexpr int64_t LANES = 16;  // that do not wait for each other
  float low[LANES], high[LANES];
  for (int64_t lane = 0; lane < LANES; ++lane) {
    low[lane] = high[lane] = points[lane % 2];
  }
  int64_t i = 0;
  for (; i + LANES <= 2 * count; i += LANES) {
    for (int64_t lane = 0; lane < LANES; ++lane) {
      const float value = points[i + lane];
      low[lane] = low[lane] < value ? low[lane] : value;
      high[lane] = high[lane] > value ? high[lane] : value;
    }
  }
  for (; i < 2 * count; ++i) {
    low[i % 2] = std::min(low[i % 2], points[i]);
    high[i % 2] = std::max(high[i % 2], points[i]);
  }
  for (int64_t axis = 0; axis < 2; ++axis) {
    least[axis] = low[axis];
    most[axis] = high[axis];
    for (int64_t lane = axis; lane < LANES; lane += 2) {
      least[axis] = std::min(least[axis], low[lane]);
      most[axis] = std::max(most[axis], high[lane]);
    }
  }
}

// How far each point of the newer picture is from where it was in the older one, known at every
// second pixel, in steps of that size. What masks don't come near is not looked at.
class Way
{
public:
  Way(const float * movement, int64_t rows, int64_t columns, int64_t height, int64_t width)
  : movement_(movement), rows_(rows), columns_(columns), height_(height), width_(width),
    down_((height + BLOCK - 1) / BLOCK), across_((width + BLOCK - 1) / BLOCK),
    known_(down_), places_(new int32_t[down_ * across_ * 2 * PIXELS]),
    least_(down_ * across_ * 2), most_(least_.size()), x_(MARGIN + across_ * POINTS),
    y_(x_.size()), row_(across_ * BLOCK)
  {
    float low[2], high[2];
    find_extremes(movement, rows * columns, low, high);
    nearest_ = {whole(low[0]), whole(low[1]), whole(high[0]), whole(high[1])};
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
  Window reached(const Window & part)
  {
    const Window around{
      part.left - nearest_.right - 1, part.top - nearest_.bottom - 1, part.right - nearest_.left,
      part.bottom - nearest_.top};
    const Window inside = around.cut(picture());
    if (inside.left >= inside.right || inside.top >= inside.bottom) {
      return {0, 0, 0, 0};
    }
    const Window blocks{
      inside.left / BLOCK, inside.top / BLOCK, (inside.right - 1) / BLOCK + 1,
      (inside.bottom - 1) / BLOCK + 1};
    for (int64_t row = blocks.top; row < blocks.bottom; ++row) {
      know(row, blocks.left, blocks.right);
    }
    return blocks;
  }

  // The part of the older picture that a block that is reached is interpolated from.
  Window origin(int64_t row, int64_t column) const
  {
    const int64_t x = 2 * (row * across_ + column), y = x + 1;
    return {
      least_[x] >> SHIFT, least_[y] >> SHIFT, (most_[x] >> SHIFT) + 2, (most_[y] >> SHIFT) + 2};
  }

  // Where each pixel of a block that is reached was, in PARTS of a pixel: x of all, row by row.
  // PIXELS behind it, y of all. Behind the picture's border it is something.
  const int32_t * places(int64_t row, int64_t column) const
  {
    return &places_[(row * across_ + column) * 2 * PIXELS];
  }

private:
  static constexpr int64_t POINTS = BLOCK / 2;  // of the flow along a block
  static constexpr int64_t MARGIN = 2;  // points that repeat the first one and the last one

  // Some blocks of a row.
  struct Span
  {
    int64_t left, right;
  };

  // Finds where some blocks of a row come from, unless that is known.
  void know(int64_t row, int64_t left, int64_t right)
  {
    Span & known = known_[row];
    if (known.left == known.right) {
      known = {left, left};
    }
    if (left < known.left) {
      trace(row, {left, known.left});
      known.left = left;
    }
    if (right > known.right) {
      trace(row, {known.right, right});
      known.right = right;
    }
  }

  void trace(int64_t row, const Span & blocks)
  {
    const int64_t first = row * across_ + blocks.left;
    for (int64_t y = 0; y < BLOCK; ++y) {
      const int64_t line = std::min(row * BLOCK + y, height_ - 1);
      int32_t * places = &places_[first * 2 * PIXELS + y * BLOCK];
      blend(line, blocks);
      place(x_, blocks, blocks.left * BLOCK, 1, places);
      place(y_, blocks, line, 0, places + PIXELS);
    }
    bound(
      places(row, blocks.left), 2 * (blocks.right - blocks.left), &least_[2 * first],
      &most_[2 * first]);
  }

  // The flow at the pixels of a row of some blocks, between the points above and below.
  void blend(int64_t y, const Span & blocks)
  {
    const int64_t last = rows_ - 1;
    const int64_t above = std::clamp<int64_t>((y + 1) / 2 - 1, 0, last);
    const int64_t below = std::min((y + 1) / 2, last);
    const int64_t left = std::max<int64_t>(blocks.left * POINTS - 1, 0);
    const int64_t right = std::min(blocks.right * POINTS + 1, columns_);
    blend_rows(
      movement_ + 2 * (above * columns_ + left), movement_ + 2 * (below * columns_ + left),
      y % 2 ? 0.25F : 0.75F, right - left, &x_[1 + left], &y_[1 + left]);
    for (std::vector<float> * line : {&x_, &y_}) {
      if (left == 0) {
        line->front() = (*line)[1];
      }
      if (right == columns_) {
        std::fill(line->begin() + 1 + columns_, line->end(), (*line)[columns_]);
      }
    }
  }

  // Writes a row of places into some blocks.
  void place(
    const std::vector<float> & line, const Span & blocks, float start, float step,
    int32_t * places)
  {
    const int64_t count = blocks.right - blocks.left;
    find_places(&line[1 + blocks.left * POINTS], count * POINTS, start, step, row_.data());
    for (int64_t block = 0; block < count; ++block, places += 2 * PIXELS) {
      std::memcpy(places, &row_[block * BLOCK], BLOCK * sizeof(int32_t));
    }
  }

  // Whole pixels of a movement.
  static int64_t whole(float movement) {return in_parts(SCALE * movement) >> SHIFT;}

  const float * movement_;
  int64_t rows_, columns_, height_, width_, down_, across_;
  Window nearest_;  // whole pixels of the least and of the largest movements
  std::vector<Span> known_;  // of each row of blocks
  std::unique_ptr<int32_t[]> places_;  // of the blocks that are known
  std::vector<int32_t> least_, most_;  // likewise
  std::vector<float> x_, y_;  // a row of the flow
  std::vector<int32_t> row_;
};

#endif  // WAY_HPP_
