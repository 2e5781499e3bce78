// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Thresholds and greedy non-maximum suppression; called by fastsam_ros/core/native.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <utility>
#include <vector>

#include "candidates.hpp"
#include "coarse_masks.hpp"
#include "../processors.hpp"
#include "../vectors.hpp"
#include "prototypes.hpp"

namespace
{

constexpr double ALIKE = 0.9;  // masks that overlap by more are one
constexpr float ANOTHER = 0.5;  // of its score is left to what has another's box, but not its mask

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

// A network that overflows in half precision gives boxes of NaN or infinity.
bool is_finite(const Box & box)
{
  return std::isfinite(box.left + box.right) && std::isfinite(box.top + box.bottom);
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

// The first of the groups, from `group` on, of which a box overlaps any by more than `iou`.
FOR_EACH_PROCESSOR
int64_t next_overlap(
  const Box & box, double iou, const Four * kept, int64_t group, int64_t groups)
{
  const Doubles left = Doubles{} + box.left, top = Doubles{} + box.top;
  const Doubles right = Doubles{} + box.right, bottom = Doubles{} + box.bottom;
  const double area = area_of(box);
  for (; group < groups; ++group) {
    const Four & four = kept[group];
    const Doubles width = least(load(four.right), right) - most(load(four.left), left);
    const Doubles height = least(load(four.bottom), bottom) - most(load(four.top), top);
    const Doubles shared = most(width, Doubles{}) * most(height, Doubles{});
    if (any(shared > iou * (area + load(four.area) - shared))) {
      break;
    }
  }
  return group;
}

// The boxes kept so far.
class Kept
{
public:
  int64_t size() const {return size_;}

  // Whether a box overlaps some of them by more than `iou`, of whose numbers `is_same` is true.
  template<typename IsSame>
  bool overlap(const Box & box, double iou, const IsSame & is_same) const
  {
    const int64_t groups = fours_.size();
    for (int64_t group = 0; ; ++group) {
      group = next_overlap(box, iou, fours_.data(), group, groups);
      if (group == groups) {
        return false;
      }
      const int64_t first = group * SIDE_BY_SIDE, end = std::min(first + SIDE_BY_SIDE, size_);
      for (int64_t number = first; number < end; ++number) {
        if (overlaps(box, fours_[group], number - first, iou) && is_same(number)) {
          return true;
        }
      }
    }
  }

  void add(const Box & box)
  {
    const int64_t place = size_++ % SIDE_BY_SIDE;
    if (place == 0) {
      fours_.push_back({});
      std::fill_n(fours_.back().area, SIDE_BY_SIDE, NOBODY);
    }
    Four & four = fours_.back();
    four.left[place] = box.left;
    four.top[place] = box.top;
    four.right[place] = box.right;
    four.bottom[place] = box.bottom;
    four.area[place] = area_of(box);
  }

private:
  static constexpr double NOBODY = std::numeric_limits<double>::infinity();  // overlapped by much

  static bool overlaps(const Box & box, const Four & four, int64_t place, double iou)
  {
    const double width = std::min<double>(four.right[place], box.right) -
      std::max<double>(four.left[place], box.left);
    const double height = std::min<double>(four.bottom[place], box.bottom) -
      std::max<double>(four.top[place], box.top);
    const double shared = std::max(width, 0.0) * std::max(height, 0.0);
    return shared > iou * (area_of(box) + four.area[place] - shared);
  }

  std::vector<Four> fours_;
  int64_t size_ = 0;
};

struct Survivor
{
  float score;
  int64_t anchor;
  Box box;
};

// Greedy suppression by boxes; at most `limit` survive.
std::vector<Survivor> suppress_boxes(
  const Predictions & predictions, float confidence, double iou, int64_t limit)
{
  Kept kept;
  std::vector<Survivor> survivors;
  for (const auto [score, anchor] : candidates(predictions, confidence)) {
    if (kept.size() == limit) {
      break;
    }
    const Box box = box_of(predictions, anchor);
    if (is_finite(box) && !kept.overlap(box, iou, [](int64_t) {return true;})) {
      survivors.push_back({score, anchor, box});
      kept.add(box);
    }
  }
  return survivors;
}

// Draws the masks of candidates.
class Drawer
{
public:
  Drawer(const Predictions & predictions, const Prototypes & prototypes)
  : predictions_(predictions), masks_(prototypes), weights_(prototypes.count) {}

  CoarseMask operator()(int64_t anchor, const Box & box)
  {
    for (size_t row = 0; row < weights_.size(); ++row) {
      weights_[row] = predictions_.at(BOX + 1 + row, anchor);
    }
    return masks_.draw(weights_.data(), box.left, box.top, box.right, box.bottom);
  }

private:
  const Predictions & predictions_;
  CoarseMasks masks_;
  std::vector<float> weights_;
};

// Greedy suppression by boxes and masks: what has the box of a better one, but another mask, comes
// again behind all that is surer than half of its score.
std::vector<Survivor> suppress_masks(
  const Predictions & predictions, const Prototypes & prototypes, float confidence, double iou,
  int64_t limit)
{
  Kept kept;
  Drawer draw(predictions, prototypes);
  std::vector<CoarseMask> masks;
  std::vector<Survivor> survivors;
  Queue queue(candidates(predictions, confidence));
  while (kept.size() < limit && !queue.empty()) {
    const auto [candidate, again] = queue.next();
    const Box box = box_of(predictions, candidate.anchor);
    if (!is_finite(box)) {
      continue;
    }
    CoarseMask mask = draw(candidate.anchor, box);
    bool is_rival = false;
    const bool is_same = kept.overlap(
      box, iou, [&](int64_t number) {
        is_rival = true;
        return overlap(mask, masks[number], ALIKE);
      });
    const float less = ANOTHER * candidate.score;
    if (is_rival && !again && !is_same && less > confidence) {
      queue.add({less, candidate.anchor});
    } else if (!is_same && (again || !is_rival)) {
      survivors.push_back({candidate.score, candidate.anchor, box});
      kept.add(box);
      masks.push_back(std::move(mask));
    }
  }
  return survivors;
}

// What the network says of them behind their scores, a row a survivor.
//
// The predictions of an anchor lie far apart, so they are read row by row.
void copy_rest(
  const Predictions & predictions, const std::vector<Survivor> & survivors, float * rest)
{
  const int64_t width = predictions.rows - BOX - 1;
  for (int64_t row = 0; row < width; ++row) {
    for (size_t i = 0; i < survivors.size(); ++i) {
      rest[i * width + row] = predictions.at(BOX + 1 + row, survivors[i].anchor);
    }
  }
}

}  // namespace

extern "C"
{

// Greedy NMS: boxes, scores, all that follows them, and numbers of the anchors that survive, best
// first.
//
// Without prototypes, `planes` and `layout` are null and boxes are compared alone. The outputs
// have room for `limit` of them. Returns how many there are; -1: out of memory.
int64_t fastsam_detect(
  const float * values, int64_t rows, int64_t anchors, const float * planes,
  const Layout * layout, float confidence, double iou, int64_t limit, Box * boxes, float * scores,
  float * rest, int64_t * anchors_kept)
{
  try {
    const Predictions predictions{values, rows, anchors};
    const std::vector<Survivor> survivors = planes ?
      suppress_masks(predictions, {*layout, planes}, confidence, iou, limit) :
      suppress_boxes(predictions, confidence, iou, limit);
    for (const Survivor & survivor : survivors) {
      *boxes++ = survivor.box;
      *scores++ = survivor.score;
      *anchors_kept++ = survivor.anchor;
    }
    copy_rest(predictions, survivors, rest);
    return survivors.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
