// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Specks and pinholes taken out of masks that are run lengths; called by
// fastsam_ros/core/masks/shaping.py, which tells of what.

#include <algorithm>
#include <cstdint>
#include <new>
#include <numeric>
#include <vector>

namespace
{

// A mask's tight box, its pixels, and how many run lengths it has; all 0 for an empty mask.
struct Extent
{
  int64_t x, y, width, height, area, counts;
};

// Some pixels of a row of the box, all of the mask or all not; `end` is exclusive.
struct Piece
{
  int32_t row, begin, end;
  bool on;
};

std::vector<Piece> pieces_of(const uint32_t * counts, const Extent & extent)
{
  std::vector<Piece> pieces;
  pieces.reserve(extent.counts + extent.height);  // a row's end cuts at most one run
  const int32_t width = extent.width;
  int32_t row = 0, column = 0;
  for (int64_t i = 0; i < extent.counts; ++i) {
    for (int64_t left = counts[i]; left > 0; ) {
      const int32_t length = std::min<int64_t>(left, width - column);
      pieces.push_back({row, column, column + length, i % 2 == 1});
      left -= length;
      column += length;
      if (column == width) {
        column = 0;
        ++row;
      }
    }
  }
  return pieces;
}

// Sets of pieces that hang together: a forest, in which each piece knows its root.
class Regions
{
public:
  Regions(const std::vector<Piece> & pieces, const Extent & extent)
  : parent_(pieces.size()), area_(pieces.size()), outside_(pieces.size())
  {
    std::iota(parent_.begin(), parent_.end(), 0);
    join_rows(pieces);
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Piece & piece = pieces[i];
      const int32_t root = parent_[i] = parent_[parent_[i]];  // a parent comes first
      area_[root] += piece.end - piece.begin;
      outside_[root] |= piece.row == 0 || piece.row == extent.height - 1 || piece.begin == 0 ||
        piece.end == extent.width;
    }
  }

  int64_t area(int64_t piece) const {return area_[parent_[piece]];}
  // Background at the box's edge is no hole.
  bool is_outside(int64_t piece) const {return outside_[parent_[piece]];}

private:
  // Joins pieces of neighbouring rows: those of the mask at corners too, holes at sides alone.
  void join_rows(const std::vector<Piece> & pieces)
  {
    size_t above = 0;  // the first piece of the row before that may touch
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Piece & piece = pieces[i];
      while (pieces[above].row + 1 < piece.row ||
        (pieces[above].row + 1 == piece.row && pieces[above].end < piece.begin))
      {
        ++above;
      }
      const int32_t corner = piece.on ? 1 : 0;
      for (size_t j = above; pieces[j].row < piece.row &&
        pieces[j].begin < piece.end + corner; ++j)
      {
        if (pieces[j].on == piece.on && pieces[j].end + corner > piece.begin) {
          join(j, i);
        }
      }
    }
  }

  void join(int32_t one, int32_t other)
  {
    one = root(one), other = root(other);
    parent_[std::max(one, other)] = std::min(one, other);
  }

  int32_t root(int32_t piece)
  {
    while (parent_[piece] != piece) {
      piece = parent_[piece] = parent_[parent_[piece]];
    }
    return piece;
  }

  std::vector<int32_t> parent_;
  std::vector<int64_t> area_;
  std::vector<char> outside_;
};

bool fill_holes(std::vector<Piece> & pieces, const Regions & regions, double smallest)
{
  bool filled = false;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].on && regions.area(i) < smallest && !regions.is_outside(i)) {
      pieces[i].on = filled = true;
    }
  }
  return filled;
}

bool remove_specks(std::vector<Piece> & pieces, const Regions & regions, double smallest)
{
  int64_t largest = 0;
  for (size_t i = 0; i < pieces.size(); ++i) {
    largest = pieces[i].on ? std::max(largest, regions.area(i)) : largest;
  }
  bool removed = false;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].on && regions.area(i) < std::min<double>(smallest, largest)) {
      pieces[i].on = false;
      removed = true;
    }
  }
  return removed;
}

// Returns whether anything has changed. Holes come first: a speck in one becomes part of the mask.
bool clean(std::vector<Piece> & pieces, const Extent & extent, double speck, double hole)
{
  Regions regions(pieces, extent);
  const bool filled = fill_holes(pieces, regions, hole * extent.area);
  if (filled) {
    regions = Regions(pieces, extent);
  }
  return remove_specks(pieces, regions, speck * extent.area) || filled;
}

// The tight box of what is on now, inside the old one.
Extent tight(const std::vector<Piece> & pieces, const Extent & extent)
{
  int64_t left = extent.width, right = 0, top = extent.height, bottom = 0, area = 0;
  for (const Piece & piece : pieces) {
    if (piece.on) {
      left = std::min<int64_t>(left, piece.begin);
      right = std::max<int64_t>(right, piece.end);
      top = std::min<int64_t>(top, piece.row);
      bottom = std::max<int64_t>(bottom, piece.row + 1);
      area += piece.end - piece.begin;
    }
  }
  return {extent.x + left, extent.y + top, right - left, bottom - top, area, 0};
}

// Writes the run lengths inside the new box; returns how many.
int64_t write_counts(
  const std::vector<Piece> & pieces, const Extent & before, const Extent & after,
  uint32_t * counts)
{
  const int64_t left = after.x - before.x, top = after.y - before.y;
  int64_t number = 0, place = 0;
  for (const Piece & piece : pieces) {
    if (!piece.on) {
      continue;
    }
    const int64_t begin = (piece.row - top) * after.width + piece.begin - left;
    if (number && begin == place) {  // goes on, maybe from the row before
      counts[number - 1] += piece.end - piece.begin;
    } else {
      counts[number++] = begin - place;
      counts[number++] = piece.end - piece.begin;
    }
    place = begin + piece.end - piece.begin;
  }
  if (place < after.width * after.height) {
    counts[number++] = after.width * after.height - place;
  }
  return number;
}

}  // namespace

extern "C"
{

// Takes out pieces of each mask below `speck` of its area, never the largest, and fills holes
// below `hole` of it.
//
// `extents` and `counts` (the run lengths of all masks, one mask's after the other's) are changed
// in place: run lengths become fewer, never more. Returns 0; -1: out of memory.
int64_t fastsam_clean(
  int64_t masks, Extent * extents, uint32_t * counts, double speck, double hole)
{
  try {
    uint32_t * out = counts;
    for (int64_t i = 0; i < masks; ++i) {
      Extent & extent = extents[i];
      const int64_t number = extent.counts;
      std::vector<Piece> pieces = pieces_of(counts, extent);
      if (clean(pieces, extent, speck, hole)) {
        Extent after = tight(pieces, extent);
        after.counts = write_counts(pieces, extent, after, out);
        extent = after;
      } else {
        std::copy(counts, counts + number, out);
      }
      counts += number;
      out += extent.counts;
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
