// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef TRACER_HPP_
#define TRACER_HPP_

// Outlines of masks, followed through the cells between prototype pixels; outlines.cpp tells why.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "crossings.hpp"
#include "fade.hpp"
#include "frame.hpp"
#include "../processors.hpp"
#include "runs.hpp"
#include "tile.hpp"

constexpr int64_t EIGHT = sizeof(uint64_t);  // bytes looked at together

// The image's rows among the prototypes; `Axis` in fastsam_ros/core/letterbox.py.
struct Rows
{
  const int64_t * cells;   // of an image row: the prototype row at or before its centre
  const float * parts;     // of an image row: how far into its cell its centre lies
  const int64_t * starts;  // of a cell: its first image row
};

// For each cell between two lines of logits, whether its corners' signs differ.
FOR_EACH_PROCESSOR
static void mark_mixed(const float * above, const float * below, int64_t cells, uint8_t * mixed)
{
  for (int64_t x = 0; x < cells; ++x) {
    const bool inside = above[x] > 0;
    mixed[x] = (inside ^ (above[x + 1] > 0)) | (inside ^ (below[x] > 0)) |
      (inside ^ (below[x + 1] > 0));
  }
}

// The positions of the marks; most of the bytes, a multiple of eight, are 0.
inline void list_marks(const std::vector<uint8_t> & marks, std::vector<int64_t> & positions)
{
  positions.clear();
  for (size_t first = 0; first < marks.size(); first += EIGHT) {
    uint64_t together;
    std::memcpy(&together, &marks[first], EIGHT);
    for (; together != 0; together &= together - 1) {  // bytes of lower addresses are lower bits
      positions.push_back(first + __builtin_ctzll(together) / 8);
    }
  }
}

// Follows the outlines of one segment after the other.
class Tracer
{
public:
  Tracer(const Rows & rows, const Columns & columns)
  : rows_(rows), columns_(columns) {}

  // The prototype pixels whose cells hold a window.
  Span around(const PixelWindow & window) const
  {
    if (window.is_empty()) {
      return {};
    }
    return {
      columns_.cells[window.left], rows_.cells[window.top],
      columns_.cells[window.right - 1] + 2, rows_.cells[window.bottom - 1] + 2};
  }

  // The runs of a mask that ends at its window, row by row; they are overwritten by the next call.
  std::vector<Run> & cut(Tile & tile, const PixelWindow & window)
  {
    runs_.clear();
    trace(tile, window);
    return runs_;
  }

  // Likewise, of a mask that goes on beyond the sides of its box that it reaches.
  std::vector<Run> & faded(Tile & tile, const ImageBox & box, const Frame & frame)
  {
    PixelWindow window = frame.pixels_in(box);
    runs_.clear();
    if (!window.is_empty()) {
      tile.span = around(window);
      if (widen(tile, window, reach_of(box, frame))) {
        tile.span = around(window);
        tile.lower(fade_of(box, frame));
      }
      trace(tile, window);
    }
    return runs_;
  }

private:
  // Moves the sides out to which the mask comes: whether there are any. The picture's border is
  // none: there the mask ends anyway.
  bool widen(const Tile & tile, PixelWindow & window, const PixelWindow & reach) const
  {
    const Span & span = tile.span;
    const bool left = reach.left < window.left && tile.reaches_column(span.left);
    const bool top = reach.top < window.top && tile.reaches_row(span.top);
    const bool right = reach.right > window.right && tile.reaches_column(span.right - 1);
    const bool bottom = reach.bottom > window.bottom && tile.reaches_row(span.bottom - 1);
    window = {
      left ? reach.left : window.left, top ? reach.top : window.top,
      right ? reach.right : window.right, bottom ? reach.bottom : window.bottom};
    return left || top || right || bottom;
  }

  void trace(Tile & tile, const PixelWindow & window)
  {
    tile.span = around(window);
    for (int64_t row = tile.span.top; row < tile.span.bottom - 1; ++row) {
      trace_cells(tile, row, window);
    }
  }

  // All image rows of the window that lie in one row of cells.
  void trace_cells(const Tile & tile, int64_t row, const PixelWindow & window)
  {
    const float * above = tile.line(row);
    const float * below = tile.line(row + 1);
    const int64_t cells = tile.span.right - tile.span.left - 1;
    mixed_.assign((cells + EIGHT - 1) / EIGHT * EIGHT, 0);
    mark_mixed(above, below, cells, mixed_.data());
    list_marks(mixed_, on_outline_);
    const CellRow between{above, below, tile.span.left, on_outline_};
    const int64_t end = std::min(rows_.starts[row + 1], window.bottom);
    for (int64_t y = std::max(rows_.starts[row], window.top); y < end; y += SIDE_BY_SIDE) {
      trace_rows(between, y, std::min(y + SIDE_BY_SIDE, end), window);
    }
  }

  // The last row is followed again rather than fewer of them.
  void trace_rows(const CellRow & cells, int64_t first, int64_t end, const PixelWindow & window)
  {
    for (int64_t i = 0; i < SIDE_BY_SIDE; ++i) {
      crossings_.parts[i] = rows_.parts[std::min(first + i, end - 1)];
    }
    follow(cells, columns_, window.left, window.right, crossings_);
    for (int64_t y = first; y < end; ++y) {
      const int32_t * places = crossings_.of_row(y - first);
      for (int32_t i = 0; i < crossings_.counts[y - first]; i += 2) {
        add_run(runs_, y, places[i], places[i + 1]);
      }
    }
  }

  const Rows & rows_;
  const Columns & columns_;
  std::vector<uint8_t> mixed_;
  std::vector<int64_t> on_outline_;  // cells of the row at hand, from the tile's first
  Crossings crossings_;
  std::vector<Run> runs_;
};

#endif  // TRACER_HPP_
