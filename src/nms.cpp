// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Thresholds and greedy non-maximum suppression; called by fastsam_ros/core/native.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

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

// The boxes kept so far, one array a side, so that a box is compared with several at once.
class Kept
{
public:
  explicit Kept(int64_t capacity)
  : left_(capacity), top_(capacity), right_(capacity), bottom_(capacity), area_(capacity) {}

  int64_t size() const {return size_;}

  bool overlaps(const Box & box, double iou) const
  {
    bool found = false;
    for (int64_t first = 0; first < size_ && !found; first += TOGETHER) {
      const int64_t end = std::min(first + TOGETHER, size_);
      for (int64_t i = first; i < end; ++i) {
        const double width = std::min<double>(box.right, right_[i]) -
          std::max<double>(box.left, left_[i]);
        const double height = std::min<double>(box.bottom, bottom_[i]) -
          std::max<double>(box.top, top_[i]);
        const double shared = std::max(width, 0.0) * std::max(height, 0.0);
        found |= shared > iou * (area_of(box) + area_[i] - shared);
      }
    }
    return found;
  }

  void add(const Box & box)
  {
    left_[size_] = box.left;
    top_[size_] = box.top;
    right_[size_] = box.right;
    bottom_[size_] = box.bottom;
    area_[size_] = area_of(box);
    ++size_;
  }

private:
  static constexpr int64_t TOGETHER = 64;  // compared before looking whether one overlaps

  static double area_of(const Box & box)
  {
    return (static_cast<double>(box.right) - box.left) *
           (static_cast<double>(box.bottom) - box.top);
  }

  std::vector<double> left_, top_, right_, bottom_, area_;
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

// Anchors above the threshold, best first; of equal ones the first.
std::vector<int64_t> candidates(const Predictions & predictions, float confidence)
{
  std::vector<int64_t> found;
  for (int64_t anchor = 0; anchor < predictions.anchors; ++anchor) {
    if (predictions.at(BOX, anchor) > confidence && is_finite(predictions, anchor)) {
      found.push_back(anchor);
    }
  }
  std::stable_sort(found.begin(), found.end(), [&](int64_t one, int64_t other) {
      return predictions.at(BOX, one) > predictions.at(BOX, other);
    });
  return found;
}

}  // namespace

extern "C"
{

// Greedy NMS: boxes, scores and coefficients of the anchors that survive, best first.
//
// The outputs have room for `limit` of them. Returns how many there are; -1: out of memory.
int64_t fastsam_detect(
  const float * values, int64_t rows, int64_t anchors, float confidence, double iou, int64_t limit,
  Box * boxes, float * scores, float * coefficients)
{
  try {
    const Predictions predictions{values, rows, anchors};
    Kept kept(limit);
    for (const int64_t anchor : candidates(predictions, confidence)) {
      const Box box = box_of(predictions, anchor);
      if (kept.size() == limit || kept.overlaps(box, iou)) {
        continue;
      }
      boxes[kept.size()] = box;
      scores[kept.size()] = predictions.at(BOX, anchor);
      for (int64_t row = BOX + 1; row < rows; ++row) {
        *coefficients++ = predictions.at(row, anchor);
      }
      kept.add(box);
    }
    return kept.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
