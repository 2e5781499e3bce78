// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef TILE_HPP_
#define TILE_HPP_

// The logits of masks at the prototype pixels around their boxes.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fade.hpp"
#include "../processors.hpp"
#include "prototypes.hpp"

// Lowers a row of logits by their ways in both directions together.
FOR_EACH_PROCESSOR
static void lower_row(float * logits, const float * aside, float away, int64_t width)
{
  for (int64_t x = 0; x < width; ++x) {
    logits[x] -= std::sqrt(aside[x] * aside[x] + away * away);
  }
}

// The logits of one mask at the prototype pixels around its box.
class Tile
{
public:
  // `room` is of whole blocks.
  Tile(const float * weights, const Span & room)
  : room_(room), weights_(weights) {}

  Span span{};  // what is looked at, inside of the room

  const Span & room() const {return room_;}
  int64_t size() const {return room_.is_empty() ? 0 : stride() * (room_.bottom - room_.top);}

  // Where the logits are to be, row by row.
  void put(float * logits) {logits_ = logits;}

  // Computes those in a block.
  void compute(Blocks & blocks, int64_t row, int64_t column)
  {
    blocks.add(weights_, row, column, at(row, column), stride());
  }

  const float * line(int64_t row) const {return at(row, span.left);}

  // Whether any logit on a line of the span's border is above 0.
  bool reaches_row(int64_t row) const
  {
    const float * first = line(row);
    return std::any_of(
      first, first + (span.right - span.left), [](float logit) {return logit > 0;});
  }
  bool reaches_column(int64_t column) const
  {
    for (int64_t row = span.top; row < span.bottom; ++row) {
      if (*at(row, column) > 0) {
        return true;
      }
    }
    return false;
  }

  void lower(const Fade & fade)
  {
    const int64_t width = span.right - span.left;
    std::vector<float> aside(width);
    for (int64_t x = 0; x < width; ++x) {
      aside[x] = fade.aside(span.left + x);
    }
    // Inside of the box nothing is lowered, neither across ...
    const auto is_inside = [](float way) {return way == 0;};
    const int64_t before = std::find_if(aside.begin(), aside.end(), is_inside) - aside.begin();
    const int64_t behind = width -
      (std::find_if(aside.rbegin(), aside.rend(), is_inside) - aside.rbegin());
    for (int64_t row = span.top; row < span.bottom; ++row) {
      const float away = fade.away(row);
      float * logits = at(row, span.left);
      if (away > 0 || before == width) {  // ... nor down
        lower_row(logits, aside.data(), away, width);
      } else {
        lower_row(logits, aside.data(), away, before);
        lower_row(logits + behind, aside.data() + behind, away, width - behind);
      }
    }
  }

private:
  int64_t stride() const {return room_.right - room_.left;}
  float * at(int64_t row, int64_t column) const
  {
    return logits_ + (row - room_.top) * stride() + column - room_.left;
  }

  Span room_;
  const float * weights_;
  float * logits_ = nullptr;
};

// The tiles of some masks, whose logits are computed block by block: the fastest cache holds one.
class Tiles
{
public:
  explicit Tiles(Blocks & blocks)
  : blocks_(blocks) {}

  void clear()
  {
    tiles_.clear();
    size_ = 0;
  }
  bool is_full() const {return size_ >= FULL;}

  // Adds one for what a mask has in a span, which may be empty.
  void add(const float * weights, const Span & span)
  {
    tiles_.emplace_back(weights, whole_blocks(span));
    size_ += tiles_.back().size();
  }
  Tile & operator[](int64_t number) {return tiles_[number];}

  void fill()
  {
    lay_out();
    const Span & all = blocks_.span();
    for (int64_t row = 0; row < all.bottom; row += BLOCK_HEIGHT) {
      in_row_.clear();
      for (Tile & tile : tiles_) {
        if (tile.room().top <= row && row < tile.room().bottom) {
          in_row_.push_back(&tile);
        }
      }
      for (int64_t column = 0; column < all.right; column += BLOCK_WIDTH) {
        for (Tile * tile : in_row_) {
          if (tile->room().left <= column && column < tile->room().right) {
            tile->compute(blocks_, row, column);
          }
        }
      }
    }
  }

private:
  static constexpr int64_t FULL = 1 << 17;  // logits, which a core's own cache still holds

  // Gives the tiles their memory.
  void lay_out()
  {
    if (static_cast<int64_t>(lines_.size()) * BLOCK_WIDTH < size_) {
      lines_.resize(size_ / BLOCK_WIDTH);
    }
    float * logits = lines_.empty() ? nullptr : lines_.front().values;
    for (Tile & tile : tiles_) {
      tile.put(logits);
      logits += tile.size();
    }
  }

  Blocks & blocks_;
  std::vector<Tile> tiles_;
  std::vector<Tile *> in_row_;
  std::vector<Line> lines_;
  int64_t size_ = 0;  // of all tiles' logits
};

#endif  // TILE_HPP_
