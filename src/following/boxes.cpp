// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Boxes of a frame and those of older ones: how they move and overlap, and which are the same
// segment's; called by fastsam_ros/following/identities.py and fastsam_ros/core/boxes.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <vector>

#include "../products.hpp"

namespace
{

constexpr int64_t INSIDE = 9;  // points of a box that are looked at
constexpr float SHARES[] = {0.25F, 0.5F, 0.75F};  // of its sides, where these lie

struct Box
{
  float left, top, right, bottom;

  float area() const {return std::max(right - left, 0.0F) * std::max(bottom - top, 0.0F);}

  float shared(const Box & other) const
  {
    const Box both{
      std::max(left, other.left), std::max(top, other.top), std::min(right, other.right),
      std::min(bottom, other.bottom)};
    return both.area();
  }

  float iou(const Box & other) const
  {
    const float both = shared(other), all = area() + other.area() - both;
    return both / std::max(all, std::numeric_limits<float>::min());
  }
};

float median(float * values)
{
  std::nth_element(values, values + INSIDE / 2, values + INSIDE);
  return values[INSIDE / 2];
}

// The cosine of two vectors; 0 where one has no length.
float likeness(const float * one, const float * other, int64_t length)
{
  constexpr float LEAST = 1e-9F;
  const float ones = product(one, one, length), others = product(other, other, length);
  return product(one, other, length) /
         (std::max(std::sqrt(ones), LEAST) * std::max(std::sqrt(others), LEAST));
}

struct Pair
{
  float score;
  int64_t box, known;
};

}  // namespace

extern "C"
{

// Moves boxes of an older picture to where they lie in the newer one, in place: by the median of
// how nine points move, those outside of the picture as its border does. `movement` says how far
// each point of the newer picture is from where it was, in points of `side` pixels a side.
void fastsam_move_boxes(
  const float * movement, int64_t rows, int64_t columns, float side, int64_t count, Box * boxes)
{
  for (Box * box = boxes; box != boxes + count; ++box) {
    float across[INSIDE], down[INSIDE];
    for (int64_t i = 0; i < INSIDE; ++i) {
      const float x = (box->left + SHARES[i % 3] * (box->right - box->left)) / side;
      const float y = (box->top + SHARES[i / 3] * (box->bottom - box->top)) / side;
      const int64_t column = std::clamp(x, 0.0F, static_cast<float>(columns - 1));
      const int64_t row = std::clamp(y, 0.0F, static_cast<float>(rows - 1));
      const float * point = movement + 2 * (row * columns + column);
      across[i] = -point[0] * side;
      down[i] = -point[1] * side;
    }
    const float right = median(across), lower = median(down);
    *box = {box->left + right, box->top + lower, box->right + right, box->bottom + lower};
  }
}

// The IoU of each of some boxes with each of others.
void fastsam_ious(
  int64_t count, const Box * boxes, int64_t other_count, const Box * others, float * ious)
{
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t k = 0; k < other_count; ++k) {
      *ious++ = boxes[i].iou(others[k]);
    }
  }
}

// Which known box each box goes on from, or -1: best pairs first, by their IoU times the cosine of
// their vectors of `length`; pairs of `least` and less are none. Returns 0; -1: out of memory.
int64_t fastsam_match(
  int64_t count, const Box * boxes, const float * vectors, int64_t known,
  const Box * known_boxes, const float * known_vectors, int64_t length, float least,
  int64_t * matches)
{
  try {
    std::vector<Pair> pairs;
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t k = 0; k < known; ++k) {
        const float iou = boxes[i].iou(known_boxes[k]);
        if (iou <= least) {  // no cosine is above 1
          continue;
        }
        const float score =
          iou * likeness(vectors + i * length, known_vectors + k * length, length);
        if (score > least) {
          pairs.push_back({score, i, k});
        }
      }
    }
    std::stable_sort(pairs.begin(), pairs.end(), [](const Pair & one, const Pair & other) {
      return one.score > other.score;
    });
    std::fill(matches, matches + count, -1);
    std::vector<bool> taken(known);
    for (const Pair & pair : pairs) {
      if (matches[pair.box] < 0 && !taken[pair.known]) {
        matches[pair.box] = pair.known;
        taken[pair.known] = true;
      }
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
