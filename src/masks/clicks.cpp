// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How good answers segments are to clicks; called by fastsam_ros/core/clicks.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "../products.hpp"

namespace
{

constexpr float LEAST_SCORE = 1e-6f;  // of a segment; its logarithm is asked for

struct Extent
{
  float left, top, right, bottom;
};

// How much each thing counts, see fastsam_ros/core/clicks.py.
struct Rule
{
  double smallness, named, off_centre, unsure;
};

// A segment's box, from the middle of which clicks are measured.
struct Box
{
  explicit Box(const Extent & extent)
  : x((extent.left + extent.right) / 2), y((extent.top + extent.bottom) / 2),
    half_width(std::max(extent.right - extent.left, 1.0f) / 2),
    half_height(std::max(extent.bottom - extent.top, 1.0f) / 2)
  {
  }

  double area() const
  {
    return 4.0 * half_width * half_height;
  }

  // 0 in the middle, 1 on the border; pixels have their value in their middle.
  float off_centre(const float * point) const
  {
    return std::max(
      std::abs(point[0] + 0.5f - x) / half_width, std::abs(point[1] + 0.5f - y) / half_height);
  }

  float x, y, half_width, half_height;
};

}  // namespace

extern "C"
{

// logits[segment * points + point] for those pairs that are asked about; of others minus infinity.
//
// `names` has how sure each segment is of each of `words` names, `area` is the image's, pixels,
// and `values` has the prototypes' at each point, `kinds` of them; none where they are not known.
void fastsam_clicks(
  int64_t segments, const Extent * extents, const float * scores, const float * names,
  int64_t words, const float * coefficients, double area, int64_t points, const float * places,
  const float * values, int64_t kinds, const uint8_t * asked, const Rule * rule, float * logits)
{
  for (int64_t i = 0; i < segments; ++i, coefficients += kinds, names += words) {
    const Box box(extents[i]);
    const float name = words ? *std::max_element(names, names + words) : 0;
    const double base = std::log(std::max(scores[i], LEAST_SCORE)) +
      rule->smallness * std::log(box.area() / area) + rule->named * name;
    for (int64_t point = 0; point < points; ++point, ++asked, ++logits) {
      if (!*asked) {
        *logits = -std::numeric_limits<float>::infinity();
        continue;
      }
      double doubt = 0;
      if (kinds) {
        doubt = 1 / (1 + std::exp(product(coefficients, values + point * kinds, kinds)));
      }
      *logits = static_cast<float>(
        base + rule->off_centre * box.off_centre(places + 2 * point) + rule->unsure * doubt);
    }
  }
}

}  // extern "C"
