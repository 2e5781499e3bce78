// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Soft masks of a shrunk picture as run lengths of the image; called by
// fastsam_ros/following/small_mask.py.

#include <new>
#include <vector>

#include "../processors.hpp"
#include "soft_masks.hpp"

namespace
{

constexpr int64_t HALF = 255;  // twice a value; those above it are inside
constexpr int64_t SHORT_STEP = 128;  // the largest for which 16 bits hold 2 * step times 255

struct Span
{
  int64_t row, left, right;
};

// Where a pixel of the image lies between two of the shrunk picture, in 2 * step parts: the first
// of both, which may lie before the window, and how far on.
struct Place
{
  Place(int64_t pixel, int64_t step)
  : first((2 * pixel + 1 - step + 2 * step) / (2 * step) - 1),
    part(2 * pixel + 1 - step - 2 * step * first) {}

  int64_t first, part;
};

// Between two rows, `share` of `parts` of the lower one, times `parts`; and what of it is inside.
template<typename Value>
INTO_EACH void blend(
  const uint8_t * above, const uint8_t * below, Value share, Value parts, int64_t width,
  Value * line, uint8_t * inside)
{
  const Value rest = parts - share, limit = static_cast<Value>(HALF * parts / 2);
  for (int64_t x = 0; x < width; ++x) {
    const Value value = rest * above[x] + share * below[x];
    line[x] = value;
    inside[x] = value > limit;
  }
}

FOR_EACH_PROCESSOR
void blend_rows(
  const uint8_t * above, const uint8_t * below, uint16_t share, uint16_t parts, int64_t width,
  uint16_t * line, uint8_t * inside)
{
  blend(above, below, share, parts, width, line, inside);
}

FOR_EACH_PROCESSOR
void blend_rows(
  const uint8_t * above, const uint8_t * below, uint32_t share, uint32_t parts, int64_t width,
  uint32_t * line, uint8_t * inside)
{
  blend(above, below, share, parts, width, line, inside);
}

// With values times parts as `Value`: the narrower, the more of them at once.
template<typename Value>
class Enlarger
{
public:
  Enlarger(const Window & window, const uint8_t * values, int64_t step)
  : window_(window), values_(values), step_(step), parts_(2 * step) {}

  // The spans of the mask inside of an image of that size.
  void trace(int64_t height, int64_t width, std::vector<Span> & spans)
  {
    const int64_t rows = std::min(window_.height() * step_, height - window_.top * step_);
    const int64_t columns = std::min(window_.width() * step_, width - window_.left * step_);
    line_.resize(window_.width());
    inside_.resize(window_.width());
    for (int64_t row = 0; row < rows; ++row) {
      blend(row);
      cross(row + window_.top * step_, columns, spans);
    }
  }

private:
  // A row of the image over the columns of the window, times parts_; and which lie inside.
  void blend(int64_t row)
  {
    const Place place(row, step_);
    const int64_t last = window_.height() - 1;
    const uint8_t * above = values_ + std::max<int64_t>(place.first, 0) * window_.width();
    const uint8_t * below = values_ + std::min(place.first + 1, last) * window_.width();
    blend_rows(
      above, below, static_cast<Value>(place.part), static_cast<Value>(parts_),
      window_.width(), line_.data(), inside_.data());
  }

  // Walks along the columns of the window; looks closer only where the edge lies between two.
  void cross(int64_t row, int64_t columns, std::vector<Span> & spans) const
  {
    const uint8_t * first = inside_.data(), * end = first + inside_.size();
    int64_t begun = 0;
    for (const uint8_t * here = first; here != end; ) {
      const uint8_t value = *here;
      const void * other = std::memchr(here, 1 - value, end - here);
      here = other == nullptr ? end : static_cast<const uint8_t *>(other);
      const int64_t edge = here == end ? columns : std::min(edge_after(here - first - 1), columns);
      if (value == 1 && edge > begun) {
        spans.push_back({row, begun + window_.left * step_, edge + window_.left * step_});
      }
      begun = edge;
    }
  }

  // The first pixel behind the middle of a column that is not on the same side as the column.
  int64_t edge_after(int64_t column) const
  {
    const int64_t limit = HALF * parts_ * parts_ / 2;
    const int64_t one = line_[column], other = line_[column + 1];
    const bool inside = inside_[column] != 0;
    int64_t pixel = step_ / 2;
    for (; pixel < step_ + step_ / 2; ++pixel) {
      const int64_t part = 2 * pixel + 1 - step_;  // as of a `Place`
      if (((parts_ - part) * one + part * other > limit) != inside) {
        break;
      }
    }
    return column * step_ + pixel;
  }

  Window window_;
  const uint8_t * values_;
  int64_t step_, parts_;
  std::vector<Value> line_;
  std::vector<uint8_t> inside_;
};

struct Box
{
  int64_t x, y, width, height, area, counts;
};

// Run lengths inside of the tight box, background first; false: there is no room for them.
bool write(const std::vector<Span> & spans, Box & box, uint32_t * counts, int64_t room)
{
  box = {0, 0, 0, 0, 0, 0};
  if (spans.empty()) {
    return true;
  }
  Window tight{spans[0].left, spans[0].row, spans[0].right, spans[0].row + 1};
  for (const Span & span : spans) {
    tight = tight.join({span.left, span.row, span.right, span.row + 1});
    box.area += span.right - span.left;
  }
  box.x = tight.left, box.y = tight.top, box.width = tight.width(), box.height = tight.height();
  int64_t end = 0;
  for (const Span & span : spans) {
    const int64_t start = (span.row - box.y) * box.width + span.left - box.x;
    const int64_t length = span.right - span.left;
    if (start == end && box.counts > 0) {  // it goes on from the row above
      counts[box.counts - 1] += static_cast<uint32_t>(length);
    } else {
      if (box.counts + 3 > room) {
        return false;
      }
      counts[box.counts++] = static_cast<uint32_t>(start - end);
      counts[box.counts++] = static_cast<uint32_t>(length);
    }
    end = start + length;
  }
  if (end < box.width * box.height) {
    counts[box.counts++] = static_cast<uint32_t>(box.width * box.height - end);
  }
  return true;
}

}  // namespace

extern "C"
{

// `count` masks of a picture that was shrunk by `step` at the size of the image, interpolated: the
// tight box, area and number of run lengths of each into `boxes`, the run lengths one after the
// other into `counts`. Returns how many there are; -1: they are more than `room`; -2: out of
// memory.
int64_t fastsam_enlarge(
  int64_t count, const Window * windows, const uint8_t * const * values, int64_t step,
  int64_t height, int64_t width, Box * boxes, uint32_t * counts, int64_t room)
{
  try {
    std::vector<Span> spans;
    int64_t written = 0;
    for (int64_t i = 0; i < count; ++i) {
      spans.clear();
      if (windows[i].area() > 0 && step <= SHORT_STEP) {
        Enlarger<uint16_t>(windows[i], values[i], step).trace(height, width, spans);
      } else if (windows[i].area() > 0) {
        Enlarger<uint32_t>(windows[i], values[i], step).trace(height, width, spans);
      }
      if (!write(spans, boxes[i], counts + written, room - written)) {
        return -1;
      }
      written += boxes[i].counts;
    }
    return written;
  } catch (const std::bad_alloc &) {
    return -2;
  }
}

}  // extern "C"
