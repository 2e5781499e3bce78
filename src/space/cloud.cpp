// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// The points under masks as a cloud; fastsam_ros/space/points.py.

#include <algorithm>
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

// Writes into `owner` of each pixel the number of the smallest segment that holds it, from 1; 0:
// none.
void find_owners(
  int64_t segments, const Extent * extents, const uint32_t * counts, int64_t width,
  uint16_t * owner)
{
  std::vector<std::pair<int64_t, const uint32_t *>> order;
  for (int64_t i = 0; i < segments; counts += extents[i++].counts) {
    order.emplace_back(i, counts);
  }
  std::stable_sort(order.begin(), order.end(), [&](const auto & one, const auto & other) {
      return extents[one.first].area > extents[other.first].area;
    });
  Rows rows;
  for (const auto & [i, lengths] : order) {
    decode(extents[i], lengths, rows);
    for (int64_t y = 0; y < rows.size(); ++y) {
      uint16_t * line = owner + (extents[i].y + y) * width;
      for (const Run & run : rows[y]) {
        std::fill(line + run.begin, line + run.end, static_cast<uint16_t>(i + 1));
      }
    }
  }
}

constexpr float FARTHEST = 1e6f;  // metres; fastsam_ros/space/depth.py

inline bool is_measured(uint16_t depth) {return depth != 0 && depth != 65535;}
inline bool is_measured(float depth) {return depth > 0 && depth <= FARTHEST;}

inline float metres_of(uint16_t depth) {return depth * 0.001f;}
inline float metres_of(float depth) {return depth;}

// Takes pixels without depth from their owners; how many are left.
template<typename Depth>
int64_t keep_measured(const Depth * depth, int64_t height, int64_t width, uint16_t * owner)
{
  int64_t number = 0;
  for (int64_t y = 0; y < height; ++y, depth += width, owner += width) {
    uint32_t kept = 0;  // as narrow as this, so that many pixels are looked at together
    for (int64_t x = 0; x < width; ++x) {
      owner[x] = is_measured(depth[x]) ? owner[x] : 0;
      kept += owner[x] != 0;
    }
    number += kept;
  }
  return number;
}

template<typename Depth>
void collect(
  const uint16_t * owner, const uint32_t * labels, const Depth * depth, const float * rays,
  int64_t pixels, const uint8_t * colours, Point * points)
{
  const float * x = rays, * y = rays + pixels;
  for (int64_t i = 0; i < pixels; ++i) {
    if (owner[i] == 0) {
      continue;
    }
    const float z = metres_of(depth[i]);
    const uint8_t * colour = colours + 3 * i;
    const uint32_t rgb = colours ? colour[0] << 16 | colour[1] << 8 | colour[2] : 0;
    *points++ = {x[i] * z, y[i] * z, z, rgb, labels[owner[i] - 1]};
  }
}

}  // namespace

}  // namespace fastsam

extern "C"
{

using namespace fastsam;

// Which pixels become points: `owners`, all 0 before, has the number of the smallest segment, from
// 1, where there is one and depth. One of `integers`, millimetres, and `reals`, metres, is the
// depth. Returns how many points there are; -1: out of memory.
int64_t fastsam_owners(
  int64_t segments, const Extent * extents, const uint32_t * counts, const uint16_t * integers,
  const float * reals, int64_t height, int64_t width, uint16_t * owners)
{
  try {
    find_owners(segments, extents, counts, width, owners);
  } catch (const std::bad_alloc &) {
    return -1;
  }
  return integers ? keep_measured(integers, height, width, owners) :
         keep_measured(reals, height, width, owners);
}

// Those points, row by row. `colours` are red, green and blue, or none.
void fastsam_points(
  const uint16_t * owners, const uint32_t * labels, const uint16_t * integers,
  const float * reals, const float * rays, int64_t pixels, const uint8_t * colours,
  Point * points)
{
  if (integers) {
    collect(owners, labels, integers, rays, pixels, colours, points);
  } else {
    collect(owners, labels, reals, rays, pixels, colours, points);
  }
}

}  // extern "C"
