// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CROSSINGS_HPP_
#define CROSSINGS_HPP_

// Where an outline crosses rows of the image, some of them side by side.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../processors.hpp"
#include "../vectors.hpp"

// The image's columns among the prototypes.
struct Columns
{
  const int64_t * cells;  // of an image column: the prototype column at or before its centre
  double scale, offset;   // prototype columns an image column; where the first one's centre lies
};

// Logits of two prototype rows from some column on, and the cells between them whose corners'
// signs differ, counted from there.
struct CellRow
{
  const float * above, * below;
  int64_t column;
  const std::vector<int64_t> & on_outline;
};

// Rows of the image that are followed from left to right, and the columns where they go into a
// mask and come out of it in turn.
struct Crossings
{
  std::vector<int32_t> places;  // of the first row, then of the second
  int64_t room;                 // places for each row
  int32_t counts[SIDE_BY_SIDE];
  float parts[SIDE_BY_SIDE];    // of the way from the prototype row above to the one below

  void begin(int64_t most)
  {
    room = most;
    if (static_cast<int64_t>(places.size()) < SIDE_BY_SIDE * room) {
      places.resize(SIDE_BY_SIDE * room);  // never less: what comes anew is cleared
    }
    std::fill_n(counts, SIDE_BY_SIDE, 0);
  }
  const int32_t * of_row(int64_t row) const {return places.data() + row * room;}
};

// A crossing of each row in one cell, where it has one.
struct Step
{
  Ints places;         // the first column behind it
  Ints last;           // the crossing before, or where the mask's window begins
  Ints inside, flips;  // whether the row is inside of the mask behind the cell; has it changed
};

// Writes down the places of those rows that cross.
INTO_EACH void keep(const Step & step, Crossings & crossings)
{
  for (int64_t row = 0; row < SIDE_BY_SIDE; ++row) {
    crossings.places[row * crossings.room + crossings.counts[row]] = step.places[row];
    crossings.counts[row] -= step.flips[row];
  }
}

// Looks for a zero between the sides of a cell.
//
// Inside means above 0: entering, the pixel on the crossing is still out; leaving, it is out.
// Between two positive logits one may be rounded to 0; then a cell whose corners agree would have
// a crossing that nobody looks for, so their signs count too.
INTO_EACH void cross(
  const CellRow & cells, int64_t cell, const Columns & columns, double low, double high,
  const Floats & parts, Step & step)
{
  const float * above = cells.above + cell, * below = cells.below + cell;
  // One formula for both sides, so that neighbours agree to the last bit.
  const Floats left = above[0] + (below[0] - above[0]) * parts;
  const Floats right = above[1] + (below[1] - above[1]) * parts;
  const Ints enters = (right > 0) | -((above[1] > 0) & (below[1] > 0));
  const Doubles from = __builtin_convertvector(left, Doubles);
  const Doubles before = from / (from - __builtin_convertvector(right, Doubles));
  const Doubles x = (before + (cells.column + cell - columns.offset)) / columns.scale;
  const Longs between = (x >= low) & (x < high);  // NaN is not
  const Doubles limited = x >= low ? x : Doubles{} + low;
  const Doubles there = limited < high ? limited : Doubles{} + high;
  const Ints whole = __builtin_convertvector(there, Ints);
  const Longs rounded_up = between &
    (__builtin_convertvector(enters, Longs) | (__builtin_convertvector(whole, Doubles) < there));
  const Ints place = whole - __builtin_convertvector(rounded_up, Ints);
  // Only this needs the crossing before, so all above is computed while that still is.
  step.places = place > step.last ? place : step.last;
  step.flips = enters ^ step.inside;
  step.last = step.flips ? step.places : step.last;
  step.inside = enters;
}

// Follows rows through a row of cells, from column `low` of the image to `high`.
FOR_EACH_PROCESSOR
static void follow(
  const CellRow & cells, const Columns & columns, int32_t low, int32_t high,
  Crossings & crossings)
{
  Floats parts;
  std::memcpy(&parts, crossings.parts, sizeof(parts));
  const float above = cells.above[0], below = cells.below[0];
  Step step;
  step.places = step.last = Ints{} + low;
  step.inside = (above + (below - above) * parts > 0) | -((above > 0) & (below > 0));
  step.flips = step.inside;
  crossings.begin(cells.on_outline.size() + 3);
  keep(step, crossings);
  for (const int64_t cell : cells.on_outline) {
    cross(cells, cell, columns, low, high, parts, step);
    keep(step, crossings);  // where no row crosses, too: that branch could not be predicted
  }
  step.flips = step.inside;  // those that are inside still come out at the end
  step.places = Ints{} + high;
  keep(step, crossings);
}

#endif  // CROSSINGS_HPP_
