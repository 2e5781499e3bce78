// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Boxes of large regions that stop short of where their masks go on, as src/masks/grower.hpp moves
// them; a block a box.

#include "half.cuh"

constexpr int PLANES = 32;

// Sides in prototype pixels; pixel i reaches from i to i + 1.
struct Sides
{
  double left, top, right, bottom;
};

struct Growing
{
  Sides sides;
  float weights[PLANES];
};

// How far a box may grow.
struct Room
{
  Sides image;
  double share;  // of its width or height
  int height, width;  // of the prototypes
};

// The pixels of an axis whose middles lie between two places.
__device__ inline int first_inside(double low) {return max(static_cast<int>(ceil(low - 0.5)), 0);}
__device__ inline int behind_last(double high, int size)
{
  return min(static_cast<int>(ceil(high - 0.5)), size);
}

// One mask before it is cut and upsampled.
struct Logits
{
  const float * weights;
  const void * prototypes;
  int half, height, width;

  __device__ float at(int place) const
  {
    const long long plane = static_cast<long long>(height) * width;
    float sum = 0;
    for (int i = 0; i < PLANES; ++i) {
      sum += weights[i] * number_at(prototypes, half, i * plane + place);
    }
    return sum;
  }

  // Whether more than half of a line of pixels is inside. All threads of the block ask together.
  __device__ bool has_most(int start, int step, int length) const
  {
    __shared__ int on;
    __syncthreads();  // all have read the last line's
    if (threadIdx.x == 0) {
      on = 0;
    }
    __syncthreads();
    int mine = 0;
    for (int i = threadIdx.x; i < length; i += blockDim.x) {
      mine += at(start + i * step) > 0;
    }
    atomicAdd(&on, mine);
    __syncthreads();
    return 2 * on > length;
  }

  __device__ bool has_most_of_row(int row, const Sides & box) const
  {
    const int first = first_inside(box.left), end = behind_last(box.right, width);
    return has_most(row * width + first, 1, end - first);
  }

  __device__ bool has_most_of_column(int column, const Sides & box) const
  {
    const int first = first_inside(box.top), end = behind_last(box.bottom, height);
    return has_most(first * width + column, width, end - first);
  }
};

// Moves a low side down and then a high side up, pixel by pixel.
template<typename OnLine>
__device__ inline void move_sides(
  double & low, double & high, double least, double most, double share, const OnLine & is_on)
{
  const double reach = share * (high - low);
  const double lowest = max(low - reach, least), highest = min(high + reach, most);
  for (int line = first_inside(low) - 1; line + 0.5 > lowest && is_on(line); --line) {
    low = max(static_cast<double>(line), least);
  }
  for (int line = first_inside(high); line + 0.5 < highest && is_on(line); ++line) {
    high = min(static_cast<double>(line + 1), most);
  }
}

// Moves the sides of each box outwards while more than half of the line beyond is mask.
extern "C" __global__ void grow(
  Growing * boxes, const Room * room, const void * prototypes, int half)
{
  Growing & growing = boxes[blockIdx.x];
  const Logits logits{growing.weights, prototypes, half, room->height, room->width};
  const Sides & image = room->image;
  Sides box = growing.sides;  // each thread's own, all the same
  move_sides(
    box.left, box.right, image.left, image.right, room->share,
    [&](int column) {return logits.has_most_of_column(column, box);});
  move_sides(
    box.top, box.bottom, image.top, image.bottom, room->share,
    [&](int row) {return logits.has_most_of_row(row, box);});
  if (threadIdx.x == 0) {
    growing.sides = box;
  }
}
