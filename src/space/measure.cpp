// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Where and how large segments are; fastsam_ros/space/points.py tells what is taken and why, and
// test/oracles/space.py defines it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <vector>

#include "histogram.hpp"
#include "run_rows.hpp"
#include "sides.hpp"

namespace fastsam
{

namespace
{

constexpr double NORMAL = 1.4826;  // standard deviations of a normal distribution in its MAD

// Depth in millimetres and where each pixel looks: x/z and y/z, a plane each.
struct View
{
  const uint16_t * depth;
  const float * x, * y;
  int64_t height, width;
};

// What is asked of a segment's depth; lengths in millimetres.
struct Limits
{
  double erosion;     // pixels along a mask's edge that don't decide about its depth
  double band;        // half the depth that a segment is allowed at least
  double deviations;  // and how many standard deviations of its own, if that is more
  double jump;        // from the depth that two neighbours expect of a pixel on the edge, at least
  double noise;       // and this share of its depth, if that is more
  double trim;        // share of the nearest and of the farthest points that is left out
};

struct Measurement
{
  double median;             // of the depth inside the edge, millimetres; 0 where there is none
  double inside, agreeing;   // pixels inside the edge, and those of them in the band
  double points;             // in the band, on the edge too
  double low[3], high[3];    // x, y, z of those points, metres
};

// Some of a segment's points, spread evenly, for who needs more than sides.
class Samples
{
public:
  Samples(float * values, int64_t room)
  : values_(values), room_(values ? room : 0) {}

  void add(const View & view, int64_t at, uint16_t depth)
  {
    if (number_ < room_) {
      const float metres = depth * 0.001f;
      float * point = values_ + 3 * number_++;
      point[0] = view.x[at] * metres;
      point[1] = view.y[at] * metres;
      point[2] = metres;
    }
  }

  int64_t number() const {return number_;}
  int64_t room() const {return room_;}

private:
  float * values_;
  int64_t room_, number_ = 0;
};

constexpr bool valid(uint16_t depth)
{
  return depth != 0 && depth != BINS - 1;
}

struct Step
{
  int64_t right, down;
};

struct EdgePixel
{
  int64_t at;
  uint16_t depth;  // its own, or that of the neighbour that it goes on with
};

class Measurer
{
public:
  Measurer(const View & view, const Limits & limits)
  : view_(view), limits_(limits) {}

  Measurement operator()(const Extent & box, const uint32_t * counts, Samples & samples)
  {
    decode(box, counts, rows_);
    find_inside(rows_, box.area, limits_.erosion, inside_);
    Measurement result{};
    result.inside = inside_.pixels();
    count(box.y);
    const int64_t number = histogram_.size();
    if (number == 0) {
      return result;
    }
    const int64_t doubled = histogram_.ranked(0, (number - 1) / 2) +
      histogram_.ranked(0, number / 2);
    result.median = doubled / 2.0;
    const Band band = around(doubled, number);
    result.agreeing = histogram_.between(band.low, band.high);
    Sides sides = measure_inside(box.y, band, result.agreeing, samples);
    measure_edge(box.y, band, samples, sides);
    fill(result, band, sides);
    return result;
  }

private:
  void count(int64_t top)
  {
    histogram_.clear();
    for (int64_t y = 0; y < inside_.size(); ++y) {
      for (const Run & run : inside_[y]) {
        histogram_.add(view_.depth + (top + y) * view_.width + run.begin, run.end - run.begin);
      }
    }
  }

  Band around(int64_t doubled, int64_t number) const
  {
    const double deviation = NORMAL * histogram_.deviation(doubled, number);
    const double half = std::max(limits_.band, limits_.deviations * deviation);
    const int64_t low = std::ceil(doubled / 2.0 - half), high = std::floor(doubled / 2.0 + half);
    return {std::max<int64_t>(low, 1), std::min<int64_t>(high, BINS - 2)};
  }

  Sides measure_inside(int64_t top, const Band & band, int64_t points, Samples & samples) const
  {
    // Half of the room is the edge's. Depth may be in every other column: the step is odd.
    const int64_t step = (2 * points / std::max<int64_t>(samples.room(), 1) + 1) | 1;
    int64_t next = 0;
    ManySides many(band);
    Sides few;
    for (int64_t y = 0; y < inside_.size(); ++y) {
      for (const Run & run : inside_[y]) {
        const int64_t at = (top + y) * view_.width + run.begin, length = run.end - run.begin;
        if (length >= LANES) {
          many.widen(view_.depth + at, view_.x + at, view_.y + at, length);
        } else {
          widen_singly(few, at, at + length, band);
        }
        for (; samples.room() && next < length; next += step) {
          if (band.holds(view_.depth[at + next])) {
            samples.add(view_, at + next, view_.depth[at + next]);
          }
        }
        next -= length;
      }
    }
    few.widen(many.sides());
    return few;
  }

  void widen_singly(Sides & sides, int64_t at, int64_t end, const Band & band) const
  {
    for (; at < end; ++at) {
      if (band.holds(view_.depth[at])) {
        const float metres = view_.depth[at] * 0.001f;
        sides.widen(view_.x[at] * metres, view_.y[at] * metres);
      }
    }
  }

  void measure_edge(int64_t top, const Band & band, Samples & samples, Sides & sides)
  {
    find_edge(top, band);
    const int64_t room = std::max<int64_t>(samples.room() - samples.number(), 1);
    const int64_t step = edge_.size() / room + 1;
    for (size_t i = 0; i < edge_.size(); ++i) {
      const auto [at, depth] = edge_[i];
      const float metres = depth * 0.001f;
      sides.widen(view_.x[at] * metres, view_.y[at] * metres);
      if (valid(view_.depth[at])) {
        histogram_.add(view_.depth[at]);
      }
      if (i % step == 0) {
        samples.add(view_, at, depth);
      }
    }
  }

  void find_edge(int64_t top, const Band & band)
  {
    edge_.clear();
    difference_.clear();
    for (int64_t y = 0; y < rows_.size(); ++y) {
      add_difference(rows_[y], inside_[y], difference_);
      difference_.end_row();
      for (const Run & run : difference_[y]) {
        for (int64_t x = run.begin; x < run.end; ++x) {
          const uint16_t depth = continued(x, y, top, band);
          if (depth) {
            edge_.push_back({(top + y) * view_.width + x, depth});
          }
        }
      }
    }
  }

  // The depth of a pixel on the edge that goes on with the surface inside it; 0 if it flies
  // between two surfaces. One without a depth of its own takes its neighbour's.
  uint16_t continued(int64_t x, int64_t y, int64_t top, const Band & band) const
  {
    const int64_t reach = std::max<int64_t>(limits_.erosion, 1);
    const uint16_t depth = view_.depth[(top + y) * view_.width + x];
    if (valid(depth) && !band.holds(depth)) {
      return 0;
    }
    for (const auto [right, down] : {Step{-reach, 0}, {reach, 0}, {0, -reach}, {0, reach}}) {
      const int64_t near = inside(x + right, y + down, top, band);
      if (near == 0) {
        continue;
      }
      const int64_t far = inside(x + 2 * right, y + 2 * down, top, band);
      const double step = far ? near - far : 0, expected = near + step;
      const double jump = std::max({limits_.jump, limits_.noise * near, std::abs(step)});
      if (!valid(depth) || std::abs(depth - expected) <= jump) {
        return valid(depth) ? depth : near;
      }
    }
    return 0;
  }

  // The depth of a pixel inside the edge and in the band; 0 for any other.
  int64_t inside(int64_t x, int64_t y, int64_t top, const Band & band) const
  {
    if (y < 0 || y >= inside_.size() || !contains(inside_[y], x)) {
      return 0;
    }
    const uint16_t depth = view_.depth[(top + y) * view_.width + x];
    return band.holds(depth) ? depth : 0;
  }

  void fill(Measurement & result, const Band & band, const Sides & sides) const
  {
    const int64_t points = histogram_.between(band.low, band.high);
    const int64_t left_out = limits_.trim * points;
    result.points = points;
    const float low[]{sides.left, sides.top}, high[]{sides.right, sides.bottom};
    std::copy(low, low + 2, result.low);
    std::copy(high, high + 2, result.high);
    result.low[2] = histogram_.ranked(band.low, left_out) * 0.001;
    result.high[2] = histogram_.ranked(band.low, points - 1 - left_out) * 0.001;
  }

  const View & view_;
  const Limits & limits_;
  Histogram histogram_;
  Rows rows_, inside_, difference_;
  std::vector<EdgePixel> edge_;
};

}  // namespace

}  // namespace fastsam

extern "C"
{

using namespace fastsam;

// Where and how large segments are.
//
// `rays` are two planes, x/z and y/z. `samples`, if given, takes up to `room` points of each
// segment, x, y and z in metres, and `sampled` how many they are. Returns 0; -1: out of memory.
int64_t fastsam_measure(
  int64_t segments, const Extent * extents, const uint32_t * counts, const uint16_t * depth,
  const float * rays, int64_t height, int64_t width, const Limits * limits,
  Measurement * measurements, float * samples, int64_t room, int64_t * sampled)
{
  try {
    const View view{depth, rays, rays + height * width, height, width};
    Measurer measurer(view, *limits);
    for (int64_t i = 0; i < segments; counts += extents[i++].counts) {
      Samples some(samples ? samples + 3 * room * i : nullptr, room);
      measurements[i] = measurer(extents[i], counts, some);
      sampled[i] = some.number();
    }
    return 0;
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

}  // extern "C"
