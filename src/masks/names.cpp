// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Names of the anchors that survive; called by fastsam_ros/core/masks/names.py.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "../processors.hpp"

namespace
{

constexpr int64_t LANES = 16;  // names whose sums stay in registers

// The last layer of a level: of each feature a weight for each name, and a bias a name.
struct Head
{
  int64_t features, names;
  const float * weights, * biases;
};

// What the network says of an anchor: floats, or bfloat16, the upper halves of floats.
struct Features
{
  const char * values;
  bool halves;

  INTO_EACH float at(int64_t i) const
  {
    uint32_t bits;
    if (halves) {
      uint16_t upper;
      std::memcpy(&upper, values + i * sizeof(upper), sizeof(upper));
      bits = static_cast<uint32_t>(upper) << 16;
    } else {
      std::memcpy(&bits, values + i * sizeof(bits), sizeof(bits));
    }
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  }
};

// Logits of COUNT names side by side, as long as there are so many; returns the next name.
template<int64_t COUNT>
INTO_EACH int64_t compute(
  const Head & head, const Features & features, int64_t name, float * logits)
{
  for (; name + COUNT <= head.names; name += COUNT) {
    float sums[COUNT];
    std::copy_n(head.biases + name, COUNT, sums);
    const float * weights = head.weights + name;
    for (int64_t i = 0; i < head.features; ++i, weights += head.names) {
      const float feature = features.at(i);
      for (int64_t k = 0; k < COUNT; ++k) {
        sums[k] += feature * weights[k];
      }
    }
    std::copy_n(sums, COUNT, logits + name);
  }
  return name;
}

FOR_EACH_PROCESSOR
void compute_all(const Head & head, const Features & features, float * logits)
{
  const int64_t name = compute<LANES>(head, features, 0, logits);
  compute<1>(head, features, name, logits);
}

}  // namespace

extern "C"
{

// Logits of names, a row for each of `count` anchors. The level begins at the anchor `first` and
// has `size` of them, an anchor's features after the other's; rows of other levels' anchors stay
// as they are.
void fastsam_names(
  int64_t count, const int64_t * anchors, int64_t first, int64_t size, int64_t features,
  const char * values, int64_t halves, int64_t names, const float * weights,
  const float * biases, float * logits)
{
  const Head head{features, names, weights, biases};
  const int64_t bytes = features * (halves ? sizeof(uint16_t) : sizeof(float));
  for (int64_t i = 0; i < count; ++i, logits += names) {
    const int64_t anchor = anchors[i] - first;
    if (0 <= anchor && anchor < size) {
      compute_all(head, {values + anchor * bytes, halves != 0}, logits);
    }
  }
}

}  // extern "C"
