// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Depths of a mask, counted by millimetre: medians and quantiles without sorting.

#ifndef SPACE__HISTOGRAM_HPP_
#define SPACE__HISTOGRAM_HPP_

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "../processors.hpp"

namespace fastsam
{

constexpr int64_t BINS = 1 << 16;  // millimetres that 16 bits hold

// How often each depth comes; only the part in use is ever cleared.
class Histogram
{
public:
  Histogram() : bins_(BINS) {}

  void clear()
  {
    if (low_ <= high_) {
      std::fill(bins_.begin() + low_, bins_.begin() + high_ + 1, Bin{});
    }
    low_ = BINS;
    high_ = -1;
  }

  // Four counts a bin: a wall would wait for the count that it has just written.
  void add(const uint16_t * depth, int64_t number)
  {
    for (int64_t i = 0; i < number; ++i) {
      ++bins_[depth[i]][i % 4];
    }
    bins_[0] = bins_[BINS - 1] = {};
    widen(depth, number);
  }

  void add(uint16_t depth)
  {
    ++bins_[depth][0];
    low_ = std::min<int64_t>(low_, depth);
    high_ = std::max<int64_t>(high_, depth);
  }

  int64_t at(int64_t depth) const
  {
    const Bin & bin = bins_[depth];
    return static_cast<int64_t>(bin[0]) + bin[1] + bin[2] + bin[3];
  }

  int64_t between(int64_t low, int64_t high) const
  {
    int64_t sum = 0;
    for (int64_t depth = std::max(low, low_); depth <= std::min(high, high_); ++depth) {
      sum += at(depth);
    }
    return sum;
  }

  int64_t size() const {return between(0, BINS - 1);}

  // The depth of which `rank` are before it, counted from `low` upwards.
  int64_t ranked(int64_t low, int64_t rank) const
  {
    int64_t depth = std::max(low, low_);
    for (int64_t before = at(depth); before <= rank && depth < high_; ) {
      before += at(++depth);
    }
    return depth;
  }

  // The median absolute deviation from a median that is given twice as large.
  double deviation(int64_t doubled, int64_t number) const
  {
    int64_t below = doubled / 2, above = below + 1, before = 0;
    std::array<int64_t, 2> middle{-1, -1};  // twice the deviations in the middle
    const std::array<int64_t, 2> ranks{(number - 1) / 2, number / 2};
    while (middle[1] < 0) {
      const bool nearer = doubled - 2 * below <= 2 * above - doubled;
      const bool down = above > high_ || (below >= low_ && nearer);
      const int64_t depth = down ? below-- : above++;
      before += at(depth);
      for (size_t i = 0; i < ranks.size(); ++i) {
        if (middle[i] < 0 && before > ranks[i]) {
          middle[i] = std::abs(2 * depth - doubled);
        }
      }
    }
    return (middle[0] + middle[1]) / 4.0;
  }

private:
  using Bin = std::array<uint32_t, 4>;

  FOR_EACH_PROCESSOR
  static std::pair<uint16_t, uint16_t> range(const uint16_t * depth, int64_t number)
  {
    uint16_t low = BINS - 1, high = 0;
    for (int64_t i = 0; i < number; ++i) {
      low = std::min<uint16_t>(low, depth[i] - 1);  // 0, nothing, is the largest then
      high = std::max<uint16_t>(high, depth[i] + 1);  // and 65535, nothing, the smallest
    }
    return {low, high};
  }

  void widen(const uint16_t * depth, int64_t number)
  {
    const auto [low, high] = range(depth, number);
    low_ = std::min<int64_t>(low_, std::min<int64_t>(low + 1, BINS - 2));
    high_ = std::max<int64_t>(high_, std::max<int64_t>(high - 1, 1));
  }

  std::vector<Bin> bins_;
  int64_t low_ = 0, high_ = BINS - 1;
};

}  // namespace fastsam

#endif  // SPACE__HISTOGRAM_HPP_
