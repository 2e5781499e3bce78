// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks as runs in rows, and what is left of them inside their edge.

#ifndef SPACE__RUN_ROWS_HPP_
#define SPACE__RUN_ROWS_HPP_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../extent.hpp"

namespace fastsam
{

// Pixels of an image row; end is exclusive.
struct Run
{
  int64_t begin, end;
};

// The runs of one row, from left to right.
struct Row
{
  const Run * first, * last;

  const Run * begin() const {return first;}
  const Run * end() const {return last;}
};

inline bool contains(const Row & row, int64_t x)
{
  for (const Run & run : row) {
    if (x < run.end) {
      return run.begin <= x;
    }
  }
  return false;
}

// The runs of all rows one after the other, so that a mask costs no memory for each of its rows.
class Rows
{
public:
  void clear()
  {
    runs_.clear();
    starts_.assign(1, 0);
  }

  void add(int64_t begin, int64_t end)
  {
    if (begin < end) {
      runs_.push_back({begin, end});
    }
  }

  void end_row() {starts_.push_back(runs_.size());}

  int64_t size() const {return starts_.size() - 1;}

  Row operator[](int64_t y) const
  {
    return {runs_.data() + starts_[y], runs_.data() + starts_[y + 1]};
  }

  int64_t pixels() const
  {
    int64_t sum = 0;
    for (const Run & run : runs_) {
      sum += run.end - run.begin;
    }
    return sum;
  }

private:
  std::vector<Run> runs_;
  std::vector<int64_t> starts_{0};
};

// The rows of a mask, from the first of its box on.
inline void decode(const Extent & box, const uint32_t * counts, Rows & rows)
{
  rows.clear();
  const int64_t pixels = box.width * box.height;
  int64_t position = 0, row_end = box.width;
  for (int64_t i = 0; i < box.counts; ++i) {
    const int64_t end = std::min(position + counts[i], pixels);
    while (position < end) {
      const int64_t stop = std::min(end, row_end), left = box.x + box.width - row_end;
      if (i % 2 == 1) {
        rows.add(left + position, left + stop);
      }
      position = stop;
      if (stop == row_end) {
        rows.end_row();
        row_end += box.width;
      }
    }
  }
  while (rows.size() < box.height) {  // counts that end too early
    rows.end_row();
  }
}

// What two rows have in common, the first one's runs shrunk by some pixels on both ends.
inline void add_shared(const Row & one, int64_t shrink, const Row & other, Rows & result)
{
  for (const Run * a = one.begin(), * b = other.begin(); a != one.end() && b != other.end(); ) {
    const int64_t begin = a->begin + shrink, end = a->end - shrink;
    result.add(std::max(begin, b->begin), std::min(end, b->end));
    end < b->end ? ++a : ++b;
  }
}

// Runs of a row without those that lie in them.
inline void add_difference(const Row & row, const Row & inner, Rows & result)
{
  const Run * next = inner.begin();
  for (const Run & run : row) {
    int64_t begin = run.begin;
    for (; next != inner.end() && next->end <= run.end; ++next) {
      result.add(begin, next->begin);
      begin = next->end;
    }
    result.add(begin, run.end);
  }
}

// Pixels with the mask on all four sides as far as the erosion reaches.
inline void erode(const Rows & rows, int64_t pixels, Rows & result)
{
  Rows scratch;
  scratch.clear();
  for (int64_t y = 0; y < rows.size(); ++y) {
    const bool inside = pixels <= y && y < rows.size() - pixels;
    if (inside) {
      add_shared(rows[y], pixels, rows[y - pixels], scratch);
    }
    scratch.end_row();
  }
  result.clear();
  for (int64_t y = 0; y < rows.size(); ++y) {
    if (y < rows.size() - pixels) {
      add_shared(scratch[y], 0, rows[y + pixels], result);
    }
    result.end_row();
  }
}

// The inside of a mask: eroded less where little of a thin one would be left.
inline void find_inside(const Rows & rows, int64_t area, int64_t erosion, Rows & result)
{
  for (; erosion > 0; --erosion) {
    erode(rows, erosion, result);
    if (4 * result.pixels() >= area) {
      return;
    }
  }
  result = rows;
}

}  // namespace fastsam

#endif  // SPACE__RUN_ROWS_HPP_
