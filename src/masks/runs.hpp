// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef RUNS_HPP_
#define RUNS_HPP_

// Masks as runs of pixels in the rows of an image, and as run lengths inside a tight box.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "../extent.hpp"

// Pixels of an image row that are inside a mask; end is exclusive.
struct Run
{
  int32_t y, begin, end;

  int64_t length() const {return end - begin;}
};

// Appends a run, which may be empty, to those before it; where it touches the last it is one.
inline void add_run(std::vector<Run> & runs, int32_t y, int32_t begin, int32_t end)
{
  if (begin >= end) {
    return;
  }
  if (!runs.empty() && runs.back().y == y && runs.back().end == begin) {
    runs.back().end = end;
  } else {
    runs.push_back({y, begin, end});
  }
}

// The tight box of runs that come row by row; it has no run lengths yet.
inline Extent tight_box(const std::vector<Run> & runs)
{
  if (runs.empty()) {
    return {};
  }
  int32_t left = runs.front().begin, right = runs.front().end;
  int64_t area = 0;
  for (const Run & run : runs) {
    left = std::min(left, run.begin);
    right = std::max(right, run.end);
    area += run.length();
  }
  const int32_t top = runs.front().y;
  return {left, top, right - left, runs.back().y + 1 - top, area, 0};
}

// Run lengths that are written one after the other, and counted even where room ends.
class RunLengths
{
public:
  RunLengths(uint32_t * counts, int64_t capacity)
  : counts_(counts), capacity_(capacity) {}

  int64_t size() const {return size_;}

  // Appends a mask, background first; runs that touch across the end of a row of its box are one.
  Extent append(const std::vector<Run> & runs)
  {
    Extent box = tight_box(runs);
    const int64_t first = size_;
    int64_t done = 0;
    for (const Run & run : runs) {
      const int64_t begin = (run.y - box.y) * box.width + run.begin - box.x;
      if (begin == done && size_ > first) {
        extend(run.length());
      } else {
        push(begin - done);
        push(run.length());
      }
      done = begin + run.length();
    }
    if (done < box.width * box.height) {
      push(box.width * box.height - done);
    }
    box.counts = size_ - first;
    return box;
  }

private:
  void push(int64_t count)
  {
    if (size_ < capacity_) {
      counts_[size_] = count;
    }
    ++size_;
  }
  void extend(int64_t count)
  {
    if (size_ <= capacity_) {
      counts_[size_ - 1] += count;
    }
  }

  uint32_t * counts_;
  int64_t capacity_, size_ = 0;
};

#endif  // RUNS_HPP_
