// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// How alike two grey pictures are, once the one has moved; called by
// fastsam_ros/following/motion.py.

#include <algorithm>
#include <cstdint>

namespace
{

// The nearest of so many places, by a place that may lie outside.
int64_t nearest(float place, int64_t count)
{
  return static_cast<int64_t>(
    std::clamp(place, 0.0F, static_cast<float>(count - 1)) + 0.5F);
}

}  // namespace

extern "C"
{

// Compares a grey picture's value at every `step`-th point, a side, with that of another at the
// nearest point to where the movement leads: how many there are, the sum of the ones and that of
// the others, those of their squares, and that of their products.
void fastsam_compare(
  const float * movement, int64_t rows, int64_t columns, int64_t step, const uint8_t * one,
  const uint8_t * other, int64_t * sums)
{
  int64_t count = 0, ones = 0, others = 0, squares = 0, other_squares = 0, products = 0;
  for (int64_t row = 0; row < rows; row += step) {
    for (int64_t column = 0; column < columns; column += step) {
      const int64_t point = row * columns + column;
      const int64_t y = nearest(row + movement[2 * point + 1], rows);
      const int64_t x = nearest(column + movement[2 * point], columns);
      const int64_t a = one[point], b = other[y * columns + x];
      ++count;
      ones += a;
      others += b;
      squares += a * a;
      other_squares += b * b;
      products += a * b;
    }
  }
  const int64_t all[] = {count, ones, others, squares, other_squares, products};
  std::copy(all, all + 6, sums);
}

}  // extern "C"
