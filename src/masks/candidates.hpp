// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef CANDIDATES_HPP_
#define CANDIDATES_HPP_

// What the network takes for segments, in the order in which suppression looks at it.

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

constexpr int64_t BOX = 4;  // rows 0 to 3 are the box, row 4 the score, then come coefficients

// The network's first output: a column an anchor.
struct Predictions
{
  const float * values;
  int64_t rows, anchors;

  float at(int64_t row, int64_t anchor) const {return values[row * anchors + anchor];}
};

struct Candidate
{
  float score;
  int64_t anchor;
};

// Anchors above the threshold, best first; of equal ones the first.
inline std::vector<Candidate> candidates(const Predictions & predictions, float confidence)
{
  std::vector<Candidate> found;
  for (int64_t anchor = 0; anchor < predictions.anchors; ++anchor) {
    const float score = predictions.at(BOX, anchor);
    if (score > confidence) {
      found.push_back({score, anchor});
    }
  }
  std::sort(found.begin(), found.end(), [](const Candidate & one, const Candidate & other) {
      return one.score != other.score ? one.score > other.score : one.anchor < other.anchor;
    });
  return found;
}

// Candidates, best first; those that come again are added in this order too.
class Queue
{
public:
  explicit Queue(std::vector<Candidate> all)
  : all_(std::move(all)) {}

  bool empty() const {return first_ == all_.size() && second_ == again_.size();}

  // The best one, and whether it comes again.
  std::pair<Candidate, bool> next()
  {
    const bool again = second_ < again_.size() &&
      (first_ == all_.size() || again_[second_].score > all_[first_].score);
    return {again ? again_[second_++] : all_[first_++], again};
  }

  void add(const Candidate & candidate) {again_.push_back(candidate);}

private:
  std::vector<Candidate> all_, again_;
  size_t first_ = 0, second_ = 0;
};

#endif  // CANDIDATES_HPP_
