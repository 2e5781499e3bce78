// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

#ifndef PROTOTYPES_HPP_
#define PROTOTYPES_HPP_

// The network's prototypes in blocks: they are larger than the fastest caches, and many masks
// overlap.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "../processors.hpp"

#if defined(__clang__)
#define SHUFFLE(one, other, ...) __builtin_shufflevector(one, other, __VA_ARGS__)
#else
#define SHUFFLE(one, other, ...) __builtin_shuffle(one, other, Order{__VA_ARGS__})
#endif

// How planes of one size lie in memory, in floats. Runtimes leave them plane by plane or pixel by
// pixel.
struct Layout
{
  int64_t count, height, width;
  int64_t plane, row, pixel;  // from one to the next
};

struct Prototypes : Layout
{
  const float * values;

  const float * at(int64_t plane_number, int64_t y, int64_t x) const
  {
    return values + plane_number * plane + y * row + x * pixel;
  }
};

// Prototype pixels, the last ones exclusive.
struct Span
{
  int64_t left, top, right, bottom;

  bool is_empty() const {return left >= right || top >= bottom;}
};

// Neighbouring pixels of a row, which the widest processors add at once and others in parts.
constexpr int64_t BLOCK_WIDTH = 16;
typedef float Together __attribute__((vector_size(4 * BLOCK_WIDTH)));
constexpr int64_t BLOCK_HEIGHT = 4;  // rows whose sums grow side by side: none waits for itself

// One line of a block, where such a processor reads it at once.
struct alignas(4 * BLOCK_WIDTH) Line
{
  float values[BLOCK_WIDTH];
};

// The blocks that a span touches, as a span.
inline Span whole_blocks(const Span & span)
{
  const auto up = [](int64_t end, int64_t size) {return (end + size - 1) / size * size;};
  return {
    span.left / BLOCK_WIDTH * BLOCK_WIDTH, span.top / BLOCK_HEIGHT * BLOCK_HEIGHT,
    up(span.right, BLOCK_WIDTH), up(span.bottom, BLOCK_HEIGHT)};
}

// Where the rows of a block lie, plane by plane.
struct Block
{
  const float * values;
  int64_t plane, row;  // from one to the next, in floats
};

// Sums of all planes of a block, each times its weight. The sums stay in registers.
FOR_EACH_PROCESSOR
static void add_planes(
  const Block & block, int64_t count, const float * weights, float * out, int64_t stride)
{
  const float * values = block.values;
  const int64_t plane = block.plane, row_stride = block.row;
  Together sums[BLOCK_HEIGHT] = {};
  for (int64_t number = 0; number < count; ++number, values += plane) {
    for (int64_t row = 0; row < BLOCK_HEIGHT; ++row) {
      Together pixels;
      std::memcpy(&pixels, values + row * row_stride, sizeof(pixels));
      sums[row] += weights[number] * pixels;
    }
  }
  for (int64_t row = 0; row < BLOCK_HEIGHT; ++row) {
    std::memcpy(out + row * stride, &sums[row], sizeof(sums[row]));
  }
}

// All prototypes in blocks, 0 where there are none. Those whose rows lie in one piece are read
// where they are, and others copied when they are asked for first.
class Blocks
{
public:
  explicit Blocks(const Prototypes & prototypes)
  : prototypes_(prototypes),
    span_(whole_blocks({0, 0, prototypes.width, prototypes.height})),
    is_there_(span_.right / BLOCK_WIDTH * span_.bottom / BLOCK_HEIGHT),
    lines_(new Line[is_there_.size() * size()])
  {}

  const Layout & layout() const {return prototypes_;}

  // All of them.
  const Span & span() const {return span_;}

  // Writes the logits of a mask with these weights in the block that begins with a pixel.
  void add(const float * weights, int64_t y, int64_t x, float * out, int64_t stride)
  {
    add_planes(block(y, x), prototypes_.count, weights, out, stride);
  }

  // Likewise in all blocks of a span; `out` is where its first pixel goes.
  void add_all(const float * weights, const Span & blocks, float * out, int64_t stride)
  {
    for (int64_t y = blocks.top; y < blocks.bottom; y += BLOCK_HEIGHT) {
      for (int64_t x = blocks.left; x < blocks.right; x += BLOCK_WIDTH) {
        add(weights, y, x, out + (y - blocks.top) * stride + x - blocks.left, stride);
      }
    }
  }

private:
  static constexpr int64_t SIDE = 4;  // of what is turned in registers
  typedef float Quad __attribute__((vector_size(4 * SIDE)));
  typedef int32_t Order __attribute__((vector_size(4 * SIDE)));

  int64_t size() const {return prototypes_.count * BLOCK_HEIGHT;}  // lines a block

  Block block(int64_t y, int64_t x)
  {
    const bool is_whole =
      y + BLOCK_HEIGHT <= prototypes_.height && x + BLOCK_WIDTH <= prototypes_.width;
    if (is_whole && prototypes_.pixel == 1) {
      return {prototypes_.at(0, y, x), prototypes_.plane, prototypes_.row};
    }
    const int64_t number = y / BLOCK_HEIGHT * (span_.right / BLOCK_WIDTH) + x / BLOCK_WIDTH;
    Line * lines = &lines_[number * size()];
    if (!is_there_[number]) {
      load(y, x, lines);
      is_there_[number] = true;
    }
    return {lines->values, BLOCK_HEIGHT * BLOCK_WIDTH, BLOCK_WIDTH};
  }

  void load(int64_t y, int64_t x, Line * lines) const
  {
    const int64_t height = std::min(BLOCK_HEIGHT, prototypes_.height - y);
    const int64_t width = std::min(BLOCK_WIDTH, prototypes_.width - x);
    if (height < BLOCK_HEIGHT || width < BLOCK_WIDTH) {
      std::fill_n(lines, size(), Line{});
    }
    for (int64_t row = 0; row < height; ++row) {
      if (prototypes_.plane == 1) {
        turn_row(y + row, x, width, lines + row);
      } else {
        copy_row(y + row, x, width, lines + row);
      }
    }
  }

  // Of all planes; `lines` is where the first one's goes.
  void copy_row(int64_t y, int64_t x, int64_t width, Line * lines) const
  {
    for (int64_t plane = 0; plane < prototypes_.count; ++plane, lines += BLOCK_HEIGHT) {
      for (int64_t i = 0; i < width; ++i) {
        lines->values[i] = *prototypes_.at(plane, y, x + i);
      }
    }
  }

  // Likewise, of prototypes that lie pixel by pixel.
  void turn_row(int64_t y, int64_t x, int64_t width, Line * lines) const
  {
    const int64_t count = prototypes_.count / SIDE * SIDE, pixels = width / SIDE * SIDE;
    for (int64_t i = 0; i < pixels; i += SIDE) {
      for (int64_t plane = 0; plane < count; plane += SIDE) {
        turn_four(prototypes_.at(plane, y, x + i), lines[plane * BLOCK_HEIGHT].values + i);
      }
    }
    for (int64_t i = 0; i < width; ++i) {
      for (int64_t plane = i < pixels ? count : 0; plane < prototypes_.count; ++plane) {
        lines[plane * BLOCK_HEIGHT].values[i] = *prototypes_.at(plane, y, x + i);
      }
    }
  }

  // SIDE planes of as many pixels.
  void turn_four(const float * values, float * out) const
  {
    Quad pixels[SIDE];
    for (int64_t i = 0; i < SIDE; ++i) {
      std::memcpy(&pixels[i], values + i * prototypes_.pixel, sizeof(Quad));
    }
    const Quad low_even = SHUFFLE(pixels[0], pixels[1], 0, 4, 1, 5);
    const Quad low_odd = SHUFFLE(pixels[2], pixels[3], 0, 4, 1, 5);
    const Quad high_even = SHUFFLE(pixels[0], pixels[1], 2, 6, 3, 7);
    const Quad high_odd = SHUFFLE(pixels[2], pixels[3], 2, 6, 3, 7);
    const Quad planes[SIDE] = {
      SHUFFLE(low_even, low_odd, 0, 1, 4, 5), SHUFFLE(low_even, low_odd, 2, 3, 6, 7),
      SHUFFLE(high_even, high_odd, 0, 1, 4, 5), SHUFFLE(high_even, high_odd, 2, 3, 6, 7)};
    for (int64_t i = 0; i < SIDE; ++i) {
      std::memcpy(out + i * BLOCK_HEIGHT * BLOCK_WIDTH, &planes[i], sizeof(Quad));
    }
  }

  const Prototypes prototypes_;
  const Span span_;
  std::vector<char> is_there_;  // row by row
  const std::unique_ptr<Line[]> lines_;
};

#undef SHUFFLE

#endif  // PROTOTYPES_HPP_
