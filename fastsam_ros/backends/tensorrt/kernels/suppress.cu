// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Thresholds and greedy non-maximum suppression of each image of a batch, as
// src/masks/nms.cpp has them.

#include "half.cuh"

constexpr int SCORE = 4;  // row of the predictions; before it the box, behind it coefficients
constexpr int FIELDS = 37;  // rows of the predictions
constexpr int CANDIDATES = 2048;  // boxes of an image that are compared at most
constexpr int HEADER = 2;  // before an image's table: its rows, and how many boxes were above

struct Limits
{
  double iou;  // of two boxes that overlap more the less confident goes
  float lowest;  // scores are above it
  int segments;  // that are kept at most
};

struct Box
{
  float left, top, right, bottom;
};

// The network's first output for one image of the batch: a column an anchor.
struct Predictions
{
  const float * values;
  int anchors;

  __device__ Predictions(const float * batch, int image, int anchors)
  : values(batch + static_cast<long long>(image) * FIELDS * anchors), anchors(anchors) {}

  __device__ float at(int row, int anchor) const
  {
    return values[static_cast<long long>(row) * anchors + anchor];
  }
};

__device__ inline bool is_finite(float value)
{
  return (__float_as_uint(value) & 0x7f800000u) != 0x7f800000u;
}

// A number that is the larger the earlier an anchor comes: by its score, then by its place.
__device__ inline unsigned long long key_of(float score, int anchor)
{
  const unsigned place = ~static_cast<unsigned>(anchor);
  return static_cast<unsigned long long>(__float_as_uint(score)) << 32 | place;
}

__device__ inline int anchor_of(unsigned long long key)
{
  return static_cast<int>(~static_cast<unsigned>(key));
}

// Counts the anchors of each image above the threshold, and keeps the keys of the first ones that
// come. A network that overflows in half precision gives boxes of NaN or infinity: they are out.
extern "C" __global__ void gather(
  const float * batch, int anchors, const Limits * limits, unsigned * counts,
  unsigned long long * keys)
{
  const int anchor = blockIdx.x * blockDim.x + threadIdx.x, image = blockIdx.y;
  if (anchor >= anchors) {
    return;
  }
  const Predictions predictions(batch, image, anchors);
  const float score = predictions.at(SCORE, anchor);
  bool chosen = score > limits->lowest;
  for (int row = 0; row < SCORE; ++row) {
    chosen = chosen && is_finite(predictions.at(row, anchor));
  }
  if (!chosen) {
    return;
  }
  const unsigned place = atomicAdd(counts + image, 1u);
  if (place < CANDIDATES) {
    keys[image * CANDIDATES + place] = key_of(score, anchor);
  }
}

// Puts keys into order, best first, each at its own place: the number of keys that are larger.
extern "C" __global__ void rank(
  const float * batch, int anchors, const unsigned * counts, const unsigned long long * keys,
  int * order, Box * boxes)
{
  const int number = blockIdx.x * blockDim.x + threadIdx.x, image = blockIdx.y;
  const int count = min(static_cast<int>(counts[image]), CANDIDATES);
  if (number >= count) {
    return;
  }
  keys += image * CANDIDATES;
  const unsigned long long key = keys[number];
  int place = image * CANDIDATES;
  for (int other = 0; other < count; ++other) {
    place += keys[other] > key;
  }
  const Predictions predictions(batch, image, anchors);
  const int anchor = anchor_of(key);
  const float x = predictions.at(0, anchor), y = predictions.at(1, anchor);
  const float half_width = predictions.at(2, anchor) / 2;
  const float half_height = predictions.at(3, anchor) / 2;
  order[place] = anchor;
  boxes[place] = {x - half_width, y - half_height, x + half_width, y + half_height};
}

template<typename Number>
__device__ inline Number area_of(const Box & box)
{
  return (static_cast<Number>(box.right) - box.left) * (static_cast<Number>(box.bottom) - box.top);
}

// By how much the overlap of two boxes is above `iou` times their union.
template<typename Number>
__device__ inline Number excess(const Box & one, const Box & other, Number iou)
{
  const Number right = min(one.right, other.right), bottom = min(one.bottom, other.bottom);
  const Number width = right - max(one.left, other.left);
  const Number height = bottom - max(one.top, other.top);
  const Number none = 0, shared = max(width, none) * max(height, none);
  return shared - iou * (area_of<Number>(one) + area_of<Number>(other) - shared);
}

// As the host decides in double precision, which on most GPUs takes 32 to 64 times as long: it is
// asked only where single precision might be wrong.
__device__ inline bool overlap(const Box & one, const Box & other, double iou)
{
  const float lead = excess<float>(one, other, static_cast<float>(iou));
  const float doubt = 1e-6f * (fabsf(area_of<float>(one)) + fabsf(area_of<float>(other)));
  return fabsf(lead) > doubt ? lead > 0 : excess<double>(one, other, iou) > 0;
}

// Which boxes stay, by their places; a block an image. What stays strikes out those behind it.
extern "C" __global__ void suppress(
  const unsigned * counts, const Box * boxes, const Limits * limits, int * kept, int columns,
  float * tables)
{
  __shared__ unsigned char struck[CANDIDATES];
  const int image = blockIdx.x, found = counts[image], most = limits->segments;
  const int count = min(found, CANDIDATES);
  boxes += image * CANDIDATES;
  kept += image * most;
  for (int place = threadIdx.x; place < count; place += blockDim.x) {
    struck[place] = 0;
  }
  int stay = 0;
  for (int place = 0; stay < most; ++place) {
    __syncthreads();  // all that the last box strikes out is
    while (place < count && struck[place]) {
      ++place;
    }
    if (place == count) {
      break;
    }
    for (int other = place + 1 + threadIdx.x; other < count; other += blockDim.x) {
      if (overlap(boxes[place], boxes[other], limits->iou)) {
        struck[other] = 1;
      }
    }
    if (threadIdx.x == 0) {
      kept[stay] = place;
    }
    ++stay;
  }
  if (threadIdx.x == 0) {
    float * header = tables + static_cast<long long>(image) * (HEADER + most * columns);
    header[0] = stay;
    header[1] = found;
  }
}

// Rows of what stays, a block each: box, score, coefficients, and how likely each of the names is.
extern "C" __global__ void pack(
  const float * batch, int anchors, const void * names, int half, const int * order,
  const Box * boxes, const int * kept, const Limits * limits, int columns, float * tables)
{
  const int image = blockIdx.y, most = limits->segments, known = columns - FIELDS;
  float * table = tables + static_cast<long long>(image) * (HEADER + most * columns);
  if (blockIdx.x >= static_cast<unsigned>(table[0])) {
    return;
  }
  const int place = image * CANDIDATES + kept[image * most + blockIdx.x];
  const int anchor = order[place];
  const Predictions predictions(batch, image, anchors);
  for (int column = threadIdx.x; column < columns; column += blockDim.x) {
    const long long name = static_cast<long long>(image) * known + column - FIELDS;
    table[HEADER + blockIdx.x * columns + column] =
      column < SCORE ? (&boxes[place].left)[column] :
      column < FIELDS ? predictions.at(column, anchor) :
      number_at(names, half, name * anchors + anchor);
  }
}
