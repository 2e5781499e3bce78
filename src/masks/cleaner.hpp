// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CLEANER_HPP_
#define CLEANER_HPP_

// Specks and pinholes taken out of a mask; fastsam_ros/core/masks/shaping.py tells of what.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "runs.hpp"

// Pieces of rows that hang together. Most have a label of the piece above them; only where two
// labels meet are they joined, in a forest in which each label knows its root.
class Regions
{
public:
  // The pieces come row by row; with `corner` 1 they hang together at corners, with 0 at sides.
  void find(const std::vector<Run> & pieces, int32_t corner)
  {
    parents_.clear();
    areas_.clear();
    labels_.resize(pieces.size());
    size_t above = 0;  // the first piece of the row before that may touch
    for (size_t i = 0; i < pieces.size(); ++i) {
      const Run & piece = pieces[i];
      while (pieces[above].y + 1 < piece.y ||
        (pieces[above].y + 1 == piece.y && pieces[above].end + corner <= piece.begin))
      {
        ++above;
      }
      int32_t label = NONE;
      for (size_t j = above; pieces[j].y < piece.y && pieces[j].begin < piece.end + corner; ++j) {
        label = label == NONE || label == labels_[j] ? labels_[j] : join(label, labels_[j]);
      }
      labels_[i] = label == NONE ? add() : label;
      areas_[labels_[i]] += piece.length();
    }
    gather();
  }

  // Of the region of a piece.
  int64_t area(size_t piece) const {return areas_[region(piece)];}
  int32_t region(size_t piece) const {return parents_[labels_[piece]];}

  // At most so many regions there are.
  size_t limit() const {return parents_.size();}
  int64_t largest() const {return *std::max_element(areas_.begin(), areas_.end());}

private:
  static constexpr int32_t NONE = -1;

  int32_t add()
  {
    parents_.push_back(parents_.size());
    areas_.push_back(0);
    return parents_.back();
  }

  int32_t join(int32_t one, int32_t other)
  {
    one = root(one), other = root(other);
    return parents_[std::max(one, other)] = std::min(one, other);
  }

  int32_t root(int32_t label)
  {
    while (parents_[label] != label) {
      label = parents_[label] = parents_[parents_[label]];
    }
    return label;
  }

  // Makes the parent of each label its root, which has all areas.
  void gather()
  {
    for (size_t label = 0; label < parents_.size(); ++label) {
      const int32_t root = parents_[label] = parents_[parents_[label]];  // a parent comes first
      if (root != static_cast<int32_t>(label)) {
        areas_[root] += areas_[label];
      }
    }
  }

  std::vector<int32_t> labels_, parents_;
  std::vector<int64_t> areas_;
};

// Cleans one mask after the other: pieces below `speck` of its area go, never the largest, and
// holes below `hole` of it are filled.
class Cleaner
{
public:
  Cleaner(double speck, double hole)
  : speck_(speck), hole_(hole) {}

  // Returns whether anything has changed. Holes come first: a speck in one becomes part of the
  // mask. Runs that touch must be one.
  bool operator()(std::vector<Run> & runs)
  {
    if (speck_ <= 0 && hole_ <= 0) {
      return false;
    }
    if (is_one_strand(runs)) {
      return false;
    }
    int64_t area = 0;
    for (const Run & run : runs) {
      area += run.length();
    }
    const bool filled = fill_holes(runs, hole_ * area);
    return remove_specks(runs, speck_ * area) || filled;
  }

private:
  // Most masks have a run in each row that touches the one above: nothing is to be done there.
  static bool is_one_strand(const std::vector<Run> & runs)
  {
    for (size_t i = 1; i < runs.size(); ++i) {
      const Run & above = runs[i - 1], & run = runs[i];
      if (run.y != above.y + 1 || run.begin > above.end || run.end < above.begin) {
        return false;
      }
    }
    return true;
  }

  bool fill_holes(std::vector<Run> & runs, double smallest)
  {
    list_gaps(runs);
    if (gaps_.empty()) {
      return false;
    }
    regions_.find(gaps_, 0);
    mark_outside(runs);
    bool filled = false;
    size_t last = 0, gap = 0;
    for (size_t i = 1; i < runs.size(); ++i) {
      if (runs[i].y == runs[last].y) {
        const size_t here = gap++;
        if (regions_.area(here) < smallest && !outside_[regions_.region(here)]) {
          runs[last].end = runs[i].end;
          filled = true;
          continue;
        }
      }
      runs[++last] = runs[i];
    }
    runs.resize(last + 1);
    return filled;
  }

  void list_gaps(const std::vector<Run> & runs)
  {
    gaps_.clear();
    for (size_t i = 1; i < runs.size(); ++i) {
      if (runs[i].y == runs[i - 1].y) {
        gaps_.push_back({runs[i].y, runs[i - 1].end, runs[i].begin});
      }
    }
  }

  // Gaps that hang together with what lies around the mask are no holes.
  void mark_outside(const std::vector<Run> & runs)
  {
    list_rows(runs);
    outside_.assign(regions_.limit(), false);
    for (size_t i = 0; i < gaps_.size(); ++i) {
      const Run & gap = gaps_[i];
      const Run & above = rows_[gap.y - runs.front().y];
      const Run & below = rows_[gap.y - runs.front().y + 2];
      if (gap.begin < std::max(above.begin, below.begin) ||
        gap.end > std::min(above.end, below.end))
      {
        outside_[regions_.region(i)] = true;
      }
    }
  }

  // From the row above the mask to the one below it: from the first pixel to the last.
  void list_rows(const std::vector<Run> & runs)
  {
    using Limits = std::numeric_limits<int32_t>;
    rows_.assign(runs.back().y - runs.front().y + 3, {0, Limits::max(), Limits::min()});
    for (const Run & run : runs) {
      Run & row = rows_[run.y - runs.front().y + 1];
      row.begin = std::min(row.begin, run.begin);
      row.end = run.end;
    }
  }

  bool remove_specks(std::vector<Run> & runs, double smallest)
  {
    regions_.find(runs, 1);
    if (regions_.limit() < 2) {  // one piece
      return false;
    }
    const double limit = std::min<double>(smallest, regions_.largest());
    size_t kept = 0;
    for (size_t i = 0; i < runs.size(); ++i) {
      if (regions_.area(i) >= limit) {
        runs[kept++] = runs[i];
      }
    }
    const bool removed = kept < runs.size();
    runs.resize(kept);
    return removed;
  }

  double speck_, hole_;
  Regions regions_;
  std::vector<Run> gaps_, rows_;
  std::vector<char> outside_;
};

#endif  // CLEANER_HPP_
