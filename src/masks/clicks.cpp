// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// What says which segment a click means; called by fastsam_ros/core/clicks.py.

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "../products.hpp"

namespace
{

constexpr float LEAST = 1e-5f;  // and 1 less this: shares whose logits are asked for
constexpr float SURE = 8;  // a mask's logit beyond which it says nothing more
constexpr float BORDER = 0.005f;  // of the image's longer side: a box so near to it is cut by it

// In the order of EVIDENCE in fastsam_ros/core/clicks.py.
struct Evidence
{
  float score, share, name, farther, nearer, sure, cut;
};

// As std::clamp, but NaN is the lower bound: one of it must not hide what else a click hits.
float clamped(float value, float low, float high)
{
  return std::min(std::max(low, value), high);
}

float logit(float share)
{
  const float within = clamped(share, LEAST, 1 - LEAST);
  return std::log(within / (1 - within));
}

// A segment's box, from the middle of which clicks are measured.
struct Box
{
  // 0 in the middle, 1 on the border; pixels have their value in their middle.
  float off_centre(const float * point, bool upright) const
  {
    const float low = upright ? top : left, high = upright ? bottom : right;
    return std::abs(point[upright] + 0.5f - (low + high) / 2) / (std::max(high - low, 1.0f) / 2);
  }

  float share(float width, float height) const
  {
    return std::max(right - left, 1.0f) / width * (std::max(bottom - top, 1.0f) / height);
  }

  // How many of its sides the image's border may have cut.
  float cut(float width, float height) const
  {
    const float near = BORDER * std::max(width, height);
    return static_cast<float>(
      (left < near) + (top < near) + (right > width - near) + (bottom > height - near));
  }

  float left, top, right, bottom;
};

}  // namespace

extern "C"
{

// Of each pair of a segment and a point that is asked about, segments first.
//
// `names` has how sure each segment is of each of `words` names, and `values` the prototypes' at
// each point, `kinds` of them; without either, its part of the evidence is left as it is.
void fastsam_clicks(
  int64_t segments, const Box * boxes, const float * scores, const float * names, int64_t words,
  const float * coefficients, double width, double height, int64_t points, const float * places,
  const float * values, int64_t kinds, const uint8_t * asked, Evidence * evidence)
{
  for (int64_t i = 0; i < segments; ++i, coefficients += kinds, names += words) {
    if (std::find(asked, asked + points, 1) == asked + points) {
      asked += points;  // most segments are nowhere near a click
      continue;
    }
    const Box & box = boxes[i];
    const float score = logit(scores[i]), cut = box.cut(width, height);
    const float share = std::log(box.share(width, height));
    const float name = words ? logit(*std::max_element(names, names + words)) : 0;
    for (int64_t point = 0; point < points; ++point, ++asked) {
      if (!*asked) {
        continue;
      }
      const float * const place = places + 2 * point;
      const float across = box.off_centre(place, false), along = box.off_centre(place, true);
      evidence->score = score;
      evidence->share = share;
      evidence->farther = std::max(across, along);
      evidence->nearer = std::min(across, along);
      evidence->cut = cut;
      if (words) {
        evidence->name = name;
      }
      if (kinds) {
        const float sure = product(coefficients, values + point * kinds, kinds);
        evidence->sure = clamped(sure, -SURE, SURE);
      }
      ++evidence;
    }
  }
}

}  // extern "C"
