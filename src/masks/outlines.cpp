// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Masks as run lengths, traced along their outlines; called by
// fastsam_ros/core/masks/decoding.py.
//
// A mask is a row of coefficients times the prototypes, upsampled bilinearly to the image, cut to
// its box and thresholded at 0 (YOLACT, arXiv:1904.02689). Interpolation keeps the sign inside a
// cell of four prototype pixels that agree, and along an image row it is linear inside a cell, so
// it crosses zero there at most once. So only cells on an outline are visited, and each crossing
// is solved for: the cost grows with the outlines' lengths and not with the areas.

#include <algorithm>
#include <cstdint>
#include <new>
#include <vector>

#include "cleaner.hpp"
#include "fade.hpp"
#include "frame.hpp"
#include "grower.hpp"
#include "runs.hpp"
#include "tracer.hpp"

namespace
{

ImageBox grown(
  const ImageBox & box, const Frame & frame, Grower & grow, const float * weights)
{
  PrototypeBox sides = frame.to_prototypes(box);
  grow(weights, sides);
  return frame.to_image(sides);
}

// A box moved outwards to where its mask goes on, if there is any.
ImageBox holding(const ImageBox & box, const Extent & mask)
{
  if (mask.width == 0) {
    return box;
  }
  return {
    std::min<float>(box.left, mask.x), std::min<float>(box.top, mask.y),
    std::max<float>(box.right, mask.x + mask.width),
    std::max<float>(box.bottom, mask.y + mask.height)};
}

}  // namespace

extern "C"
{

// The masks of `segments` segments, as extents and as run lengths, one mask's after the other's.
//
// Large boxes grow by up to `growth` of a side at either end. Masks end at their boxes, or fade
// beyond them: then `boxes` are overwritten with ones that hold them. Pieces of a mask below
// `speck` of its area go, and holes below `hole` of it are filled. Returns how many run lengths
// there are; no more than `capacity` of them were written. -1: out of memory.
int64_t fastsam_trace(
  int64_t segments, const float * coefficients, ImageBox * boxes, const Frame * frame,
  double growth, int64_t fades, double speck, double hole, const float * planes,
  const Layout * layout, const int64_t * row_cells, const float * row_parts,
  const int64_t * row_starts, const int64_t * column_cells, double column_scale,
  double column_offset, Extent * extents, uint32_t * counts, int64_t capacity)
{
  try {
    const Rows rows{row_cells, row_parts, row_starts};
    const Columns columns{column_cells, column_scale, column_offset};
    Blocks blocks({*layout, planes});
    Grower grow(blocks, frame->image(), growth);
    Tiles tiles(blocks);
    Tracer trace(rows, columns);
    Cleaner clean(speck, hole);
    RunLengths all(counts, capacity);
    for (int64_t first = 0, end = 0; first < segments; first = end) {
      tiles.clear();
      for (; end < segments && !tiles.is_full(); ++end) {
        const float * weights = coefficients + end * layout->count;
        ImageBox & box = boxes[end];
        if (growth > 0 && frame->is_large(box)) {
          box = grown(box, *frame, grow, weights);
        }
        tiles.add(
          weights, trace.around(fades ? reach_of(box, *frame) : frame->pixels_in(box)));
      }
      tiles.fill();
      for (int64_t i = first; i < end; ++i) {
        ImageBox & box = boxes[i];
        Tile & tile = tiles[i - first];
        std::vector<Run> & runs = fades ?
          trace.faded(tile, box, *frame) : trace.cut(tile, frame->pixels_in(box));
        clean(runs);
        extents[i] = all.append(runs);
        if (fades) {
          box = holding(box, extents[i]);
        }
      }
    }
    return all.size();
  } catch (const std::bad_alloc &) {
    return -1;
  }
}

// How masks fade that are made elsewhere.
void fastsam_fading(
  int64_t segments, const ImageBox * boxes, const Frame * frame, PixelWindow * reaches,
  Fade * fades)
{
  for (int64_t i = 0; i < segments; ++i) {
    reaches[i] = reach_of(boxes[i], *frame);
    fades[i] = fade_of(boxes[i], *frame);
  }
}

}  // extern "C"
