// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef LOOKS_HPP_
#define LOOKS_HPP_

// What segments look like, made once; see fastsam_ros/following/looks.py.

#include <algorithm>
#include <cmath>

#include "../products.hpp"
#include "colours.hpp"

// N segments of a picture: masks whose values somebody else keeps, and rows that hold their looks
// where `made` says so. Of masks of more than `most` pixels some are looked at.
struct Segments
{
  const Window * windows;
  const uint8_t * const * values;
  const double * areas;
  int64_t most;
  const float * coefficients;
  int64_t kinds;  // of coefficients
  float * rows;
  uint8_t * made;

  int64_t length() const {return BINS + kinds;}
};

class Looks
{
public:
  Looks(const Picture & picture, const Segments & segments)
  : colours_(picture), segments_(segments) {}

  // The row of a segment: the roots of the shares of its colours, then its mask's coefficients,
  // either of length 1.
  const float * row(int64_t number)
  {
    float * row = segments_.rows + number * segments_.length();
    if (!segments_.made[number]) {
      look(number, row);
      std::copy_n(segments_.coefficients + number * segments_.kinds, segments_.kinds, row + BINS);
      normalise(row + BINS, segments_.kinds);
      segments_.made[number] = 1;
    }
    return row;
  }

  // How much a segment looks like the more similar of two looks, 0 to 1.
  float likeness(const float * looks, int64_t number, bool form)
  {
    const float * seen = row(number), * second = looks + segments_.length();
    return std::max(likeness(looks, seen, form), likeness(second, seen, form));
  }

private:
  // Colours count three times where forms count: what hides a part of a thing changes its form
  // before its colours.
  float likeness(const float * one, const float * other, bool form) const
  {
    const float colours = product(one, other, BINS);
    if (!form) {
      return colours;
    }
    const float forms = product(one + BINS, other + BINS, segments_.kinds);
    return colours * std::sqrt(colours * std::max(forms, 0.0F));
  }

  void look(int64_t number, float * row)
  {
    const double every = segments_.areas[number] / static_cast<double>(segments_.most);
    const int64_t apart = std::max<int64_t>(std::ceil(std::sqrt(every)), 1);
    uint32_t histogram[BINS] = {};
    colours_.add(segments_.windows[number], segments_.values[number], apart, histogram);
    for (int64_t bin = 0; bin < BINS; ++bin) {
      row[bin] = std::sqrt(static_cast<float>(histogram[bin]));
    }
    normalise(row, BINS);
  }

  static void normalise(float * values, int64_t count)
  {
    double squares = 0;
    for (int64_t i = 0; i < count; ++i) {
      squares += static_cast<double>(values[i]) * values[i];
    }
    const double length = std::max(std::sqrt(squares), 1e-9);
    for (int64_t i = 0; i < count; ++i) {
      values[i] = static_cast<float>(values[i] / length);
    }
  }

  Colours colours_;
  Segments segments_;
};

#endif  // LOOKS_HPP_
