// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The points under masks as a cloud; fastsam_ros/space/points.py.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "run_rows.hpp"

namespace fastsam
{

namespace
{

// A point as it lies in a PointCloud2: 20 bytes.
struct Point
{
  float x, y, z;
  uint32_t rgb, label;
};

// Of each pixel the number of the smallest segment that holds it, from 1; 0: none.
std::vector<uint16_t> owners(
  int64_t segments, const Extent * extents, const uint32_t * counts, int64_t height,
  int64_t width)
{
  std::vector<std::pair<int64_t, const uint32_t *>> order;
  for (int64_t i = 0; i < segments; counts += extents[i++].counts) {
    order.emplace_back(i, counts);
  }
  std::stable_sort(order.begin(), order.end(), [&](const auto & one, const auto & other) {
      return extents[one.first].area > extents[other.first].area;
    });
  std::vector<uint16_t> map(height * width);
  Rows rows;
  for (const auto & [i, lengths] : order) {
    decode(extents[i], lengths, rows);
    for (int64_t y = 0; y < rows.size(); ++y) {
      uint16_t * line = &map[(extents[i].y + y) * width];
      for (const Run & run : rows[y]) {
        std::fill(line + run.begin, line + run.end, static_cast<uint16_t>(i + 1));
      }
    }
  }
  return map;
}

inline float metres_of(uint16_t depth) {return depth != 65535 ? depth * 0.001f : 0.0f;}
inline float metres_of(float depth) {return std::isfinite(depth) ? depth : 0.0f;}

template<typename Depth>
int64_t collect(
  const std::vector<uint16_t> & owner, const uint32_t * labels, const Depth * depth,
  const float * x, const float * y, const uint8_t * colours, Point * points)
{
  int64_t number = 0;
  const int64_t pixels = owner.size();
  for (int64_t i = 0; i < pixels; ++i) {
    const float z = metres_of(depth[i]);
    if (owner[i] == 0 || !(z > 0)) {
      continue;
    }
    const uint8_t * colour = colours + 3 * i;
    const uint32_t rgb = colours ? colour[0] << 16 | colour[1] << 8 | colour[2] : 0;
    points[number++] = {x[i] * z, y[i] * z, z, rgb, labels[owner[i] - 1]};
  }
  return number;
}

}  // namespace

}  // namespace fastsam

extern "C"
{

using namespace fastsam;

// The points under masks, a pixel in two of them as the smaller's; `points` has room for all.
//
// One of `integers`, millimetres, and `reals`, metres, is the depth. `colours` are red, green and
// blue, or none. Returns how many points there are; -1: out of memory.
int64_t fastsam_cloud(
  int64_t segments, const Extent * extents, const uint32_t * counts, const uint32_t * labels,
  const uint16_t * integers, const float * reals, const float * rays, int64_t height,
  int64_t width, const uint8_t * colours, Point * points)
{
  try {
    const std::vector<uint16_t> owner = owners(segments, extents, counts, height, width);
    const float * x = rays, * y = rays + height * width;
    return integers ? collect(owner, labels, integers, x, y, colours, points) :
           collect(owner, labels, reals, x, y, colours, points);
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
