// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Thresholds and greedy non-maximum suppression; called by fastsam_ros/core/native.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "../processors.hpp"
#include "../vectors.hpp"

namespace
{

constexpr int64_t BOX = 4;  // rows 0 to 3 are the box, row 4 the score, the rest coefficients

// The network's first output: a column an anchor.
struct Predictions
{
  const float * values;
  int64_t rows, anchors;

  float at(int64_t row, int64_t anchor) const {return values[row * anchors + anchor];}
};

struct Box
{
  float left, top, right, bottom;
};

Box box_of(const Predictions & predictions, int64_t anchor)
{
  const float x = predictions.at(0, anchor), y = predictions.at(1, anchor);
  const float half_width = predictions.at(2, anchor) / 2;
  const float half_height = predictions.at(3, anchor) / 2;
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

double area_of(const Box & box)
{
  return (static_cast<double>(box.right) - box.left) *
         (static_cast<double>(box.bottom) - box.top);
}

// Some of the boxes kept, one value a side, so that a box is compared with them at once.
struct Four
{
  double left[SIDE_BY_SIDE], top[SIDE_BY_SIDE], right[SIDE_BY_SIDE], bottom[SIDE_BY_SIDE];
  double area[SIDE_BY_SIDE];
};

// Whether a box overlaps any of the others by more than `iou`.
FOR_EACH_PROCESSOR
bool overlaps(const Box & box, double iou, const Four * kept, int64_t count)
{
  const Doubles left = Doubles{} + box.left, top = Doubles{} + box.top;
  const Doubles right = Doubles{} + box.right, bottom = Doubles{} + box.bottom;
  const double area = area_of(box);
  for (const Four * four = kept; four < kept + count; ++four) {
    const Doubles width = least(load(four->right), right) - most(load(four->left), left);
    const Doubles height = least(load(four->bottom), bottom) - most(load(four->top), top);
    const Doubles shared = most(width, Doubles{}) * most(height, Doubles{});
    if (any(shared > iou * (area + load(four->area) - shared))) {
      return true;
    }
  }
  return false;
}

// The boxes kept so far.
class Kept
{
public:
  int64_t size() const {return size_;}

  bool overlap(const Box & box, double iou) const
  {
    return overlaps(box, iou, boxes_.data(), boxes_.size());
  }

  void add(const Box & box)
  {
    const int64_t place = size_++ % SIDE_BY_SIDE;
    if (place == 0) {
      boxes_.push_back({});
      std::fill_n(boxes_.back().area, SIDE_BY_SIDE, NOBODY);
    }
    Four & four = boxes_.back();
    four.left[place] = box.left;
    four.top[place] = box.top;
    four.right[place] = box.right;
    four.bottom[place] = box.bottom;
    four.area[place] = area_of(box);
  }

private:
  static constexpr double NOBODY = std::numeric_limits<double>::infinity();  // overlapped by much

  std::vector<Four> boxes_;
  int64_t size_ = 0;
};

// A network that overflows in half precision gives boxes of NaN or infinity.
bool is_finite(const Predictions & predictions, int64_t anchor)
{
  bool finite = true;
  for (int64_t row = 0; row < BOX; ++row) {
    finite &= std::isfinite(predictions.at(row, anchor));
  }
  return finite;
}

struct Candidate
{
  float score;
  int64_t anchor;
};

// Anchors above the threshold, best first; of equal ones the first.
std::vector<Candidate> candidates(const Predictions & predictions, float confidence)
{
  std::vector<Candidate> found;
  for (int64_t anchor = 0; anchor < predictions.anchors; ++anchor) {
    const float score = predictions.at(BOX, anchor);
    if (score > confidence && is_finite(predictions, anchor)) {
      found.push_back({score, anchor});
    }
  }
  std::sort(found.begin(), found.end(), [](const Candidate & one, const Candidate & other) {
      return one.score != other.score ? one.score > other.score : one.anchor < other.anchor;
    });
  return found;
}

// What the network says of some anchors behind their scores, a row an anchor.
//
// The predictions of an anchor lie far apart, so they are read row by row.
void copy_rest(
  const Predictions & predictions, const std::vector<int64_t> & anchors, float * rest)
{
  const int64_t width = predictions.rows - BOX - 1;
  for (int64_t row = 0; row < width; ++row) {
    for (size_t i = 0; i < anchors.size(); ++i) {
      rest[i * width + row] = predictions.at(BOX + 1 + row, anchors[i]);
    }
  }
}

}  // namespace

extern "C"
{

// Greedy NMS: boxes, scores and all that follows them of the anchors that survive, best first.
//
// The outputs have room for `limit` of them. Returns how many there are; -1: out of memory.
int64_t fastsam_detect(
  const float * values, int64_t rows, int64_t anchors, float confidence, double iou, int64_t limit,
  Box * boxes, float * scores, float * rest)
{
  try {
    const Predictions predictions{values, rows, anchors};
    Kept kept;
    std::vector<int64_t> survivors;
    for (const auto [score, anchor] : candidates(predictions, confidence)) {
      const Box box = box_of(predictions, anchor);
      if (kept.size() == limit || kept.overlap(box, iou)) {
        continue;
      }
      boxes[kept.size()] = box;
      scores[kept.size()] = score;
      survivors.push_back(anchor);
      kept.add(box);
    }
    copy_rest(predictions, survivors, rest);
    return kept.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
