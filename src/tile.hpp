// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef TILE_HPP_
#define TILE_HPP_

// The logits of one mask at the prototype pixels around its box.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "processors.hpp"

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

// How a mask fades beyond its box: its logits are lowered by how far each prototype pixel lies
// outside. In prototype pixels; pixel i reaches from i to i + 1.
struct Fade
{
  double left, top, right, bottom;  // the box
  double across, down;              // by how much a pixel's way lowers them

  float aside(int64_t x) const {return across * outside(left, right, x);}
  float away(int64_t y) const {return down * outside(top, bottom, y);}

private:
  static double outside(double low, double high, int64_t pixel)
  {
    const double middle = pixel + 0.5;
    return std::max({low - middle, middle - high, 0.0});
  }
};

// Lowers a row of logits by their ways in both directions together.
FOR_EACH_PROCESSOR
static void lower_row(float * logits, const float * aside, float away, int64_t width)
{
  for (int64_t x = 0; x < width; ++x) {
    logits[x] -= std::sqrt(aside[x] * aside[x] + away * away);
  }
}

// Adds some planes, each times its weight.
template<int64_t PLANES>
inline void add_planes(
  const float * weights, const float * planes, const Prototypes & prototypes, float * out,
  int64_t stride, int64_t height, int64_t width)
{
  const int64_t plane_size = prototypes.height * prototypes.width;
  for (int64_t y = 0; y < height; ++y, out += stride, planes += prototypes.width) {
    for (int64_t x = 0; x < width; ++x) {
      float sum = out[x];
      for (int64_t plane = 0; plane < PLANES; ++plane) {
        sum += weights[plane] * planes[plane * plane_size + x];
      }
      out[x] = sum;
    }
  }
}

// Four planes a pass save passes. With all in one, planes would push each other out of the
// cache: they mostly lie a multiple of 4096 bytes apart.
FOR_EACH_PROCESSOR
static void add_all(
  const float * weights, const Prototypes & prototypes, const float * corner, float * out,
  int64_t stride, int64_t height, int64_t width)
{
  for (int64_t y = 0; y < height; ++y) {
    std::fill_n(out + y * stride, width, 0.0f);
  }
  const int64_t plane_size = prototypes.height * prototypes.width;
  int64_t plane = 0;
  for (; plane + 4 <= prototypes.count; plane += 4) {
    add_planes<4>(
      weights + plane, corner + plane * plane_size, prototypes, out, stride, height, width);
  }
  for (; plane < prototypes.count; ++plane) {
    add_planes<1>(
      weights + plane, corner + plane * plane_size, prototypes, out, stride, height, width);
  }
}

class Tile
{
public:
  Span span{};  // what is filled

  const float * line(int64_t row) const
  {
    return &logits_[(row - room_.top) * stride() + span.left - room_.left];
  }

  // Fills what a mask has in a span, with room to widen it.
  void begin(
    const Span & first, const Span & room, const float * weights, const Prototypes & prototypes)
  {
    room_ = room;
    logits_.resize((room.bottom - room.top) * stride());
    span = first;
    fill(first, weights, prototypes);
  }

  // Fills what a wider span has around the one that is filled.
  void widen(const Span & wide, const float * weights, const Prototypes & prototypes)
  {
    fill({wide.left, wide.top, wide.right, span.top}, weights, prototypes);
    fill({wide.left, span.top, span.left, span.bottom}, weights, prototypes);
    fill({span.right, span.top, wide.right, span.bottom}, weights, prototypes);
    fill({wide.left, span.bottom, wide.right, wide.bottom}, weights, prototypes);
    span = wide;
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
      if (line(row)[column - span.left] > 0) {
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
    for (int64_t row = span.top; row < span.bottom; ++row) {
      lower_row(place(row, span.left), aside_.data(), fade.away(row), width);
    }
  }

private:
  int64_t stride() const {return room_.right - room_.left;}
  float * place(int64_t row, int64_t column)
  {
    return &logits_[(row - room_.top) * stride() + column - room_.left];
  }

  void fill(const Span & part, const float * weights, const Prototypes & prototypes)
  {
    if (part.left < part.right && part.top < part.bottom) {
      add_all(
        weights, prototypes, prototypes.values + part.top * prototypes.width + part.left,
        place(part.top, part.left), stride(), part.bottom - part.top, part.right - part.left);
    }
  }

  Span room_{};  // what there is memory for
  std::vector<float> logits_, aside_;
};

#endif  // TILE_HPP_
