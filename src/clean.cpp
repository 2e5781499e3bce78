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
  int64_t row, begin, end;
  bool on;
};

// Sets of pieces that hang together: a forest whose roots know the areas.
class Regions
{
public:
  explicit Regions(const std::vector<Piece> & pieces)
  : parent_(pieces.size()), area_(pieces.size()), outside_(pieces.size())
  {
    std::iota(parent_.begin(), parent_.end(), int64_t{0});
    for (size_t i = 0; i < pieces.size(); ++i) {
      area_[i] = pieces[i].end - pieces[i].begin;
    }
  }

  int64_t root(int64_t piece)
  {
    while (parent_[piece] != piece) {
      piece = parent_[piece] = parent_[parent_[piece]];
    }
    return piece;
  }

  void join(int64_t one, int64_t other)
  {
    one = root(one), other = root(other);
    if (one != other) {
      parent_[other] = one;
      area_[one] += area_[other];
      outside_[one] |= outside_[other];
    }
  }

  // Background at the box's edge is no hole.
  void mark_outside(int64_t piece) {outside_[root(piece)] = true;}

  int64_t area(int64_t piece) {return area_[root(piece)];}
  bool is_outside(int64_t piece) {return outside_[root(piece)];}

private:
  std::vector<int64_t> parent_, area_;
  std::vector<char> outside_;
};

std::vector<Piece> pieces_of(const uint32_t * counts, const Extent & extent)
{
  std::vector<Piece> pieces;
  int64_t place = 0;
  for (int64_t i = 0; i < extent.counts; ++i) {
    for (int64_t left = counts[i]; left > 0; ) {
      const int64_t column = place % extent.width;
      const int64_t length = std::min<int64_t>(left, extent.width - column);
      pieces.push_back({place / extent.width, column, column + length, i % 2 == 1});
      place += length;
      left -= length;
    }
  }
  return pieces;
}

// Joins pieces of neighbouring rows: those of the mask at corners too, holes at sides alone.
void join_rows(const std::vector<Piece> & pieces, Regions & regions)
{
  size_t above = 0;  // the first piece of the row before that may touch
  for (size_t i = 0; i < pieces.size(); ++i) {
    const Piece & piece = pieces[i];
    while (pieces[above].row + 1 < piece.row ||
      (pieces[above].row + 1 == piece.row && pieces[above].end < piece.begin))
    {
      ++above;
    }
    const int64_t corner = piece.on ? 1 : 0;
    for (size_t j = above; pieces[j].row < piece.row &&
      pieces[j].begin < piece.end + corner; ++j)
    {
      if (pieces[j].on == piece.on && pieces[j].end + corner > piece.begin) {
        regions.join(j, i);
      }
    }
  }
}

void mark_edges(const std::vector<Piece> & pieces, const Extent & extent, Regions & regions)
{
  for (size_t i = 0; i < pieces.size(); ++i) {
    const Piece & piece = pieces[i];
    if (piece.row == 0 || piece.row == extent.height - 1 || piece.begin == 0 ||
      piece.end == extent.width)
    {
      regions.mark_outside(i);
    }
  }
}

Regions regions_of(const std::vector<Piece> & pieces, const Extent & extent)
{
  Regions regions(pieces);
  join_rows(pieces, regions);
  mark_edges(pieces, extent, regions);
  return regions;
}

bool fill_holes(std::vector<Piece> & pieces, Regions & regions, double smallest)
{
  bool filled = false;
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].on && regions.area(i) < smallest && !regions.is_outside(i)) {
      pieces[i].on = filled = true;
    }
  }
  return filled;
}

bool remove_specks(std::vector<Piece> & pieces, Regions & regions, double smallest)
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
  Regions regions = regions_of(pieces, extent);
  const bool filled = fill_holes(pieces, regions, hole * extent.area);
  if (filled) {
    regions = regions_of(pieces, extent);
  }
  return remove_specks(pieces, regions, speck * extent.area) || filled;
}

// The tight box of what is on now, inside the old one.
Extent tight(const std::vector<Piece> & pieces, const Extent & extent)
{
  int64_t left = extent.width, right = 0, top = extent.height, bottom = 0, area = 0;
  for (const Piece & piece : pieces) {
    if (piece.on) {
      left = std::min(left, piece.begin);
      right = std::max(right, piece.end);
      top = std::min(top, piece.row);
      bottom = std::max(bottom, piece.row + 1);
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
