// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks as runs of pixels, as src/masks/outlines.cpp has them: a row of coefficients times the
// prototypes, upsampled bilinearly to the image, cut to a window and thresholded at 0.
//
// The host follows outlines. Here a thread goes along each image row of each window.

#include "half.cuh"

constexpr int PROTOTYPES = 32;
constexpr int TOGETHER = 8;  // masks for which a prototype pixel is read once

// Image pixels; right and bottom are exclusive.
struct Window
{
  int left, top, right, bottom;
};

struct Segment
{
  Window window;  // where its mask ends, unless it fades
  Window reach;   // where it ends at the latest
  int rows;       // image rows in the reaches of the segments before it
  float left, top, right, bottom;  // the box in prototype pixels; see Fading
  float across, down;              // by how much a prototype pixel beyond it lowers a logit
  float weights[PROTOTYPES];
};

// The image's rows and columns among the prototypes; Axis in fastsam_ros/core/letterbox.py.
struct Axes
{
  double scale, offset;  // prototype columns an image column; where the first one's centre lies
  int height, width;     // of the prototypes
};

// Prototype pixels around a window, both ends inclusive.
struct Span
{
  int left, top, right, bottom;

  __device__ Span(const Window & window, const int * row_cells, const int * column_cells)
  : left(column_cells[window.left]), top(row_cells[window.top]),
    right(column_cells[window.right - 1] + 1), bottom(row_cells[window.bottom - 1] + 1) {}
};

__device__ inline bool is_empty(const Window & window)
{
  return window.left >= window.right || window.top >= window.bottom;
}

// Logits of all masks at all prototype pixels, (count, height * width); a thread a pixel.
extern "C" __global__ void multiply(
  const Segment * segments, int count, const void * prototypes, int half, int pixels,
  float * logits)
{
  const int pixel = blockIdx.x * blockDim.x + threadIdx.x, first = blockIdx.y * TOGETHER;
  if (pixel >= pixels) {
    return;
  }
  float sums[TOGETHER] = {};  // in registers, as all loops over it are of a known length
  for (int plane = 0; plane < PROTOTYPES; ++plane) {
    const long long place = static_cast<long long>(plane) * pixels + pixel;
    const float value = number_at(prototypes, half, place);
    for (int mask = 0; mask < TOGETHER; ++mask) {
      sums[mask] += segments[min(first + mask, count - 1)].weights[plane] * value;
    }
  }
  for (int mask = 0; mask < TOGETHER; ++mask) {
    if (first + mask < count) {
      logits[static_cast<long long>(first + mask) * pixels + pixel] = sums[mask];
    }
  }
}

// To which sides of its window each mask comes, if it could go on there: bits of `reached`, which
// are 0 before. A block a segment and side.
extern "C" __global__ void reach(
  const Segment * segments, const Axes * axes, const int * row_cells, const int * column_cells,
  const float * logits, unsigned * reached)
{
  const Segment & segment = segments[blockIdx.x];
  const Window & window = segment.window, & wide = segment.reach;
  const int side = blockIdx.y;
  const bool further[] = {
    wide.left < window.left, wide.top < window.top, wide.right > window.right,
    wide.bottom > window.bottom};
  if (!further[side] || is_empty(window)) {
    return;
  }
  const Span span(window, row_cells, column_cells);
  const bool upright = side % 2 == 0;  // left or right
  const int lines[] = {span.left, span.top, span.right, span.bottom}, line = lines[side];
  const int last = upright ? span.bottom : span.right;
  const float * plane = logits + static_cast<long long>(blockIdx.x) * axes->height * axes->width;
  for (int at = (upright ? span.top : span.left) + threadIdx.x; at <= last; at += blockDim.x) {
    if (plane[upright ? at * axes->width + line : line * axes->width + at] > 0) {
      atomicOr(reached + blockIdx.x, 1u << side);
    }
  }
}

// How far a prototype pixel's middle lies outside of a box, on one axis.
__device__ inline float outside(float low, float high, int pixel)
{
  const float middle = pixel + 0.5f;
  return max(max(low - middle, middle - high), 0.0f);
}

// Lowers the masks that come to a side of their windows by the way beyond their boxes.
extern "C" __global__ void lower(
  const Segment * segments, const Axes * axes, const unsigned * reached, float * logits)
{
  const int pixel = blockIdx.x * blockDim.x + threadIdx.x, pixels = axes->height * axes->width;
  if (pixel >= pixels || !reached[blockIdx.y]) {
    return;
  }
  const Segment & segment = segments[blockIdx.y];
  const int row = pixel / axes->width, column = pixel % axes->width;
  const float aside = segment.across * outside(segment.left, segment.right, column);
  const float away = segment.down * outside(segment.top, segment.bottom, row);
  const float distance = sqrtf(aside * aside + away * away);
  logits[static_cast<long long>(blockIdx.y) * pixels + pixel] -= distance;
}

// Pixels of an image row inside a mask; end is exclusive.
struct Run
{
  int begin, end;
};

// The runs of one image row of one segment: which ones of all.
struct RowRuns
{
  int first, count;
};

// One image row of one mask.
struct Row
{
  const float * above;  // the rows of logits around it
  const float * below;
  float part;           // how far it lies between them
  const Axes * axes;

  __device__ float at(int column) const
  {
    return above[column] + (below[column] - above[column]) * part;
  }

  // Between two positive logits a value may round to 0; it is inside all the same.
  __device__ bool inside(int column) const
  {
    return at(column) > 0 || (above[column] > 0 && below[column] > 0);
  }

  // The first image column from `low` to `high` behind the zero crossing after a prototype column.
  __device__ int crossing(int column, bool enters, int low, int high) const
  {
    const double left = at(column), before = left / (left - at(column + 1));
    const double x = (before + (column - axes->offset)) / axes->scale;
    if (!(x >= low)) {  // NaN too
      return low;
    }
    if (x >= high) {
      return high;
    }
    // Inside means above 0: entering, the pixel on the crossing is still out; leaving, it is out.
    const int whole = static_cast<int>(x);
    return enters || whole < x ? whole + 1 : whole;
  }

  // How often the mask begins between two prototype columns.
  __device__ int begins(int first, int last) const
  {
    bool before = inside(first);
    int found = before;
    for (int column = first + 1; column <= last; ++column) {
      const bool now = inside(column);
      found += now && !before;
      before = now;
    }
    return found;
  }

  // Writes the runs between two image columns; returns how many there are.
  __device__ int trace(int first, int last, int left, int right, Run * runs) const
  {
    Run * next = runs;
    bool before = inside(first);
    int begin = left;
    for (int column = first; column < last; ++column) {
      const bool now = inside(column + 1);
      if (now != before) {
        const int x = crossing(column, now, begin, right);
        if (before && begin < x) {  // a run may be empty
          *next++ = {begin, x};
        }
        begin = x;
        before = now;
      }
    }
    if (before && begin < right) {
      *next++ = {begin, right};
    }
    return next - runs;
  }
};

// The window of a mask, moved out to the sides that it comes to.
__device__ inline Window opened(const Segment & segment, unsigned sides)
{
  const Window & window = segment.window, & wide = segment.reach;
  return {
    sides & 1 ? wide.left : window.left, sides & 2 ? wide.top : window.top,
    sides & 4 ? wide.right : window.right, sides & 8 ? wide.bottom : window.bottom};
}

// The runs of all masks, a thread an image row of a reach. Rows take room in `runs` as they come,
// and say in `rows` where; those for which none of the `capacity` is left write nothing there.
extern "C" __global__ void trace(
  const Segment * segments, const Axes * axes, const int * row_cells, const float * row_parts,
  const int * column_cells, const float * logits, const unsigned * reached, RowRuns * rows,
  int * taken, Run * runs, int capacity)
{
  const Segment & segment = segments[blockIdx.y];
  const int number = blockIdx.x * blockDim.x + threadIdx.x, y = segment.reach.top + number;
  if (y >= segment.reach.bottom) {
    return;
  }
  const Window window = opened(segment, reached[blockIdx.y]);
  RowRuns * const found = rows + segment.rows + number;
  if (is_empty(window) || y < window.top || y >= window.bottom) {
    *found = {0, 0};
    return;
  }
  const Span span(window, row_cells, column_cells);
  const long long line = static_cast<long long>(blockIdx.y) * axes->height + row_cells[y];
  const float * above = logits + line * axes->width;
  const Row row{above, above + axes->width, row_parts[y], axes};
  const int most = row.begins(span.left, span.right), first = most ? atomicAdd(taken, most) : 0;
  const bool fits = first + most <= capacity;
  runs += first;
  *found = {
    first, fits ? row.trace(span.left, span.right, window.left, window.right, runs) : most};
}
