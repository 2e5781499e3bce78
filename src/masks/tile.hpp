// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef TILE_HPP_
#define TILE_HPP_

// The logits of one mask at the prototype pixels around its box.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "fade.hpp"
#include "../processors.hpp"

// Planes of the same size, one after the other, row by row.
struct Prototypes
{
  const float * values;
  int64_t count, height, width;
};

// Prototype pixels, the last ones exclusive.
struct Span
{
  int64_t left, top, right, bottom;
};

// Neighbouring pixels of a row, which the widest processors add at once and others in parts.
constexpr int64_t TOGETHER = 16;
typedef float Together __attribute__((vector_size(4 * TOGETHER)));
constexpr int64_t LINES = 8;  // rows whose sums grow side by side, so that none waits for itself

// Sums of all planes, each times its weight, at some lines of pixels. The sums stay in registers.
template<int64_t ROWS, typename Pixels>
INTO_EACH void add_planes(
  const float * weights, const Prototypes & prototypes, int64_t place, float * out)
{
  const float * planes = prototypes.values + place;
  Pixels sums[ROWS] = {};
  for (int64_t plane = 0; plane < prototypes.count; ++plane) {
    for (int64_t row = 0; row < ROWS; ++row) {
      Pixels values;
      std::memcpy(&values, planes + row * prototypes.width, sizeof(values));
      sums[row] += weights[plane] * values;
    }
    planes += prototypes.height * prototypes.width;
  }
  for (int64_t row = 0; row < ROWS; ++row) {
    std::memcpy(out + place + row * prototypes.width, &sums[row], sizeof(sums[row]));
  }
}

// Writes the logits of a mask in a span, and of pixels beside it where that is quicker.
FOR_EACH_PROCESSOR
static void add_all(
  const float * weights, const Prototypes & prototypes, const Span & span, float * logits)
{
  const int64_t width = prototypes.width;
  const bool wide = width >= TOGETHER && prototypes.height >= LINES;
  if (!wide) {
    for (int64_t row = span.top; row < span.bottom; ++row) {
      for (int64_t column = span.left; column < span.right; ++column) {
        add_planes<1, float>(weights, prototypes, row * width + column, logits);
      }
    }
    return;
  }
  const int64_t before = reinterpret_cast<uintptr_t>(prototypes.values) / sizeof(float) % TOGETHER;
  const int64_t first = (span.left + before) / TOGETHER * TOGETHER - before;
  for (int64_t y = span.top; y < span.bottom; y += LINES) {
    const int64_t row = std::min(y, prototypes.height - LINES);
    for (int64_t x = first; x < span.right; x += TOGETHER) {
      const int64_t column = std::min(std::max<int64_t>(x, 0), width - TOGETHER);
      add_planes<LINES, Together>(weights, prototypes, row * width + column, logits);
    }
  }
}

// Lowers a row of logits by their ways in both directions together.
FOR_EACH_PROCESSOR
static void lower_row(float * logits, const float * aside, float away, int64_t width)
{
  for (int64_t x = 0; x < width; ++x) {
    logits[x] -= std::sqrt(aside[x] * aside[x] + away * away);
  }
}

class Tile
{
public:
  explicit Tile(const Prototypes & prototypes)
  : prototypes_(prototypes), logits_(prototypes.height * prototypes.width) {}

  Span span{};  // what is looked at

  const float * line(int64_t row) const {return place(row, span.left);}

  // Fills what a mask has in a span, to which the other spans are confined.
  void fill(const Span & room, const float * weights)
  {
    add_all(weights, prototypes_, room, logits_.data());
  }

  // Whether any logit on a line of the span's border is above 0.
  bool reaches_row(int64_t row) const
  {
    const float * first = line(row);
    return std::any_of(
      first, first + (span.right - span.left), [](float logit) {return logit > 0;});
  }
  bool reaches_column(int64_t column) const
  {
    for (int64_t row = span.top; row < span.bottom; ++row) {
      if (*place(row, column) > 0) {
        return true;
      }
    }
    return false;
  }

  void lower(const Fade & fade)
  {
    const int64_t width = span.right - span.left;
    aside_.resize(width);
    for (int64_t x = 0; x < width; ++x) {
      aside_[x] = fade.aside(span.left + x);
    }
    // Inside of the box nothing is lowered, neither across ...
    const auto is_inside = [](float way) {return way == 0;};
    const int64_t before =
      std::find_if(aside_.begin(), aside_.end(), is_inside) - aside_.begin();
    const int64_t behind = width -
      (std::find_if(aside_.rbegin(), aside_.rend(), is_inside) - aside_.rbegin());
    for (int64_t row = span.top; row < span.bottom; ++row) {
      const float away = fade.away(row);
      float * logits = place(row, span.left);
      if (away > 0 || before == width) {  // ... nor down
        lower_row(logits, aside_.data(), away, width);
      } else {
        lower_row(logits, aside_.data(), away, before);
        lower_row(logits + behind, aside_.data() + behind, away, width - behind);
      }
    }
  }

private:
  const float * place(int64_t row, int64_t column) const
  {
    return &logits_[row * prototypes_.width + column];
  }
  float * place(int64_t row, int64_t column)
  {
    return &logits_[row * prototypes_.width + column];
  }

  const Prototypes & prototypes_;
  std::vector<float> logits_;  // of all prototype pixels, right where they are filled
  std::vector<float> aside_;
};

#endif  // TILE_HPP_
