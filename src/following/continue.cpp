// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How surely segments go on from parts of things; called by fastsam_ros/following/continuing.py.

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include "looks.hpp"
#include "shared.hpp"

namespace
{

// What is known of K parts: where they should be, and what they looked like, two looks each.
struct Parts
{
  const Window * windows;
  const uint8_t * const * values;
  const double * areas;
  const float * looks;
  const uint8_t * all;  // whether each segment counts, not just which is likeliest
};

// Below these no segment goes on: the IoU of masks, the likeness of colours, the score.
struct Least
{
  double overlap, likeness, score;
};

struct Pair
{
  int64_t number;
  double bound;  // its score, if it looked exactly like the part
};

class Scores
{
public:
  Scores(const Picture & picture, const Segments & segments, const Parts & parts, Least least)
  : segments_(segments), parts_(parts), least_(least), looks_(picture, segments) {}

  // Scores of a part's pairs, the likeliest first: what cannot be better than what was found need
  // not be looked at.
  void score(
    int64_t part, int64_t begin, int64_t end, const int64_t * indices, const double * weights,
    double * scores)
  {
    pairs_.clear();
    for (int64_t i = begin; i < end; ++i) {
      const double both = overlap(part, indices[i]);
      if (both >= least_.overlap) {
        pairs_.push_back({i, both * weights[i]});
      }
    }
    std::stable_sort(pairs_.begin(), pairs_.end(), [](const Pair & one, const Pair & other) {
      return one.bound > other.bound;
    });
    double best = least_.score;
    for (const Pair & pair : pairs_) {
      if (pair.bound < best) {
        return;
      }
      const float * looks = parts_.looks + 2 * part * segments_.length();
      const double alike = looks_.likeness(looks, indices[pair.number], false);
      const double score = pair.bound * alike * alike;
      if (alike >= least_.likeness && score >= least_.score) {
        scores[pair.number] = score;
        best = parts_.all[part] ? best : std::max(best, score);
      }
    }
  }

private:
  double overlap(int64_t part, int64_t index) const
  {
    const double both = shared(
      parts_.windows[part], parts_.values[part], segments_.windows[index],
      segments_.values[index]) / 255.0;
    return both / std::max(parts_.areas[part] + segments_.areas[index] - both, 1e-9);
  }

  Segments segments_;
  Parts parts_;
  Least least_;
  Looks looks_;
  std::vector<Pair> pairs_;
};

}  // namespace

extern "C"
{

// Scores of pairs of parts and segments that go on from them, of others nothing is written: IoU of
// masks, times the square of how much the colours look like those at first or lately, times the
// pair's weight. Pairs are in the order of the parts' numbers.
//
// The first arguments are as those of fastsam_looks, the others as in `Parts` and `Least`. Returns
// 0; -1: out of memory.
int64_t fastsam_continue(
  const uint8_t * image, int64_t row_stride, int64_t stride, int64_t step, int64_t most,
  const Window * windows, const uint8_t * const * values, const double * areas,
  const float * coefficients, int64_t kinds, float * rows, uint8_t * made,
  const Window * part_windows, const uint8_t * const * part_values, const double * part_areas,
  const float * part_looks, const uint8_t * all, int64_t count, const int64_t * numbers,
  const int64_t * indices, const double * weights, const Least * least, double * scores)
{
  try {
    Scores all_scores(
      {image, row_stride, stride, step},
      {windows, values, areas, most, coefficients, kinds, rows, made},
      {part_windows, part_values, part_areas, part_looks, all}, *least);
    for (int64_t begin = 0, end; begin < count; begin = end) {
      for (end = begin; end < count && numbers[end] == numbers[begin]; ++end) {
      }
      all_scores.score(numbers[begin], begin, end, indices, weights, scores);
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
