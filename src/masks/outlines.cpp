// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks as run lengths, traced along their outlines; called by fastsam_ros/core/native.py.
//
// A mask is a row of coefficients times the prototypes, upsampled bilinearly to the image, cut to
// its box and thresholded at 0 (YOLACT, arXiv:1904.02689). Interpolation keeps the sign inside a
// cell of four prototype pixels that agree, and along an image row it is linear inside a cell, so
// it crosses zero there at most once. So only cells on an outline are visited, and each crossing
// is solved for: the cost grows with the outlines' lengths and not with the areas.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <new>
#include <vector>

#include "cleaner.hpp"
#include "crossings.hpp"
#include "../processors.hpp"
#include "runs.hpp"
#include "tile.hpp"

namespace
{

constexpr int64_t EIGHT = sizeof(uint64_t);  // bytes looked at together

// The image's rows among the prototypes; `Axis` in fastsam_ros/core/letterbox.py.
struct Rows
{
  const int64_t * cells;   // of an image row: the prototype row at or before its centre
  const float * parts;     // of an image row: how far into its cell its centre lies
  const int64_t * starts;  // of a cell: its first image row
};

// Image pixels of a segment's box; right and bottom are exclusive. It may be empty.
struct Window
{
  int64_t left, top, right, bottom;
};

// For each cell between two lines of logits, whether its corners' signs differ.
FOR_EACH_PROCESSOR
void mark_mixed(const float * above, const float * below, int64_t cells, uint8_t * mixed)
{
  for (int64_t x = 0; x < cells; ++x) {
    const bool inside = above[x] > 0;
    mixed[x] = (inside ^ (above[x + 1] > 0)) | (inside ^ (below[x] > 0)) |
      (inside ^ (below[x + 1] > 0));
  }
}

// The positions of the marks; most of the bytes, a multiple of eight, are 0.
void list_marks(const std::vector<uint8_t> & marks, std::vector<int64_t> & positions)
{
  positions.clear();
  for (size_t first = 0; first < marks.size(); first += EIGHT) {
    uint64_t together;
    std::memcpy(&together, &marks[first], EIGHT);
    for (size_t at = first; together != 0 && at < first + EIGHT; ++at) {
      if (marks[at]) {
        positions.push_back(at);
      }
    }
  }
}

// Follows the outlines of one segment after the other.
class Tracer
{
public:
  Tracer(const Prototypes & prototypes, const Rows & rows, const Columns & columns)
  : rows_(rows), columns_(columns), tile_(prototypes) {}

  // The runs of a mask, row by row; they are overwritten by the next call.
  //
  // With a fade the mask may go on to `reach`, beyond the sides of the window that cut it.
  std::vector<Run> & operator()(
    const float * weights, Window window, const Window & reach, const Fade * fade)
  {
    runs_.clear();
    if (window.left >= window.right || window.top >= window.bottom) {
      return runs_;
    }
    tile_.fill(around(reach), weights);
    tile_.span = around(window);
    if (fade && widen(window, reach)) {
      tile_.span = around(window);
      tile_.lower(*fade);
    }
    for (int64_t row = tile_.span.top; row < tile_.span.bottom - 1; ++row) {
      trace_cells(row, window);
    }
    return runs_;
  }

private:
  // The prototype pixels whose cells hold a window.
  Span around(const Window & window) const
  {
    return {
      columns_.cells[window.left], rows_.cells[window.top],
      columns_.cells[window.right - 1] + 2, rows_.cells[window.bottom - 1] + 2};
  }

  // Moves the sides out to which the mask comes: whether there are any. The picture's border is
  // none: there the mask ends anyway.
  bool widen(Window & window, const Window & reach) const
  {
    const Span & span = tile_.span;
    const bool left = reach.left < window.left && tile_.reaches_column(span.left);
    const bool top = reach.top < window.top && tile_.reaches_row(span.top);
    const bool right = reach.right > window.right && tile_.reaches_column(span.right - 1);
    const bool bottom = reach.bottom > window.bottom && tile_.reaches_row(span.bottom - 1);
    window = {
      left ? reach.left : window.left, top ? reach.top : window.top,
      right ? reach.right : window.right, bottom ? reach.bottom : window.bottom};
    return left || top || right || bottom;
  }

  // All image rows of the window that lie in one row of cells.
  void trace_cells(int64_t row, const Window & window)
  {
    const float * above = tile_.line(row);
    const float * below = tile_.line(row + 1);
    const int64_t cells = tile_.span.right - tile_.span.left - 1;
    mixed_.assign((cells + EIGHT - 1) / EIGHT * EIGHT, 0);
    mark_mixed(above, below, cells, mixed_.data());
    list_marks(mixed_, on_outline_);
    const CellRow between{above, below, tile_.span.left, on_outline_};
    const int64_t end = std::min(rows_.starts[row + 1], window.bottom);
    for (int64_t y = std::max(rows_.starts[row], window.top); y < end; y += SIDE_BY_SIDE) {
      trace_rows(between, y, std::min(y + SIDE_BY_SIDE, end), window);
    }
  }

  // The last row is followed again rather than fewer of them.
  void trace_rows(const CellRow & cells, int64_t first, int64_t end, const Window & window)
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
  Tile tile_;
  std::vector<uint8_t> mixed_;
  std::vector<int64_t> on_outline_;  // cells of the row at hand, from the tile's first
  Crossings crossings_;
  std::vector<Run> runs_;
};

}  // namespace

extern "C"
{

// The masks of `segments` segments, as extents and as run lengths, one mask's after the other's.
//
// Pieces of a mask below `speck` of its area go, and holes below `hole` of it are filled.
// Returns how many run lengths there are; no more than `capacity` of them were written. -1: out
// of memory. Windows must lie inside the image, and inside `reaches`, which may be null, as may
// `fades`: then masks end at their windows.
int64_t fastsam_trace(
  int64_t segments, const float * coefficients, const Window * windows, const Window * reaches,
  const Fade * fades, double speck, double hole, const float * planes, int64_t count,
  int64_t height, int64_t width, const int64_t * row_cells, const float * row_parts,
  const int64_t * row_starts, const int64_t * column_cells, double column_scale,
  double column_offset, Extent * extents, uint32_t * counts, int64_t capacity)
{
  try {
    const Prototypes prototypes{planes, count, height, width};
    const Rows rows{row_cells, row_parts, row_starts};
    const Columns columns{column_cells, column_scale, column_offset};
    Tracer tracer(prototypes, rows, columns);
    Cleaner cleaner(speck, hole);
    RunLengths all(counts, capacity);
    for (int64_t i = 0; i < segments; ++i) {
      std::vector<Run> & runs = tracer(
        coefficients + i * count, windows[i], fades ? reaches[i] : windows[i],
        fades ? fades + i : nullptr);
      cleaner(runs);
      extents[i] = all.append(runs);
    }
    return all.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
