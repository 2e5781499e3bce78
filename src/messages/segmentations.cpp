// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Segmentation messages as CDR, the bytes that middlewares of ROS 2 send; called by
// fastsam_ros/ros/topics/segmentation_array.py.

#include <cstdint>
#include <cstring>

#include "../extent.hpp"

namespace
{

// What a message says, but for its mask; strings and the mask are numbers of what lies elsewhere.
struct Segmentation
{
  uint32_t id, prompt_id, label;
  float score, prompt_score, label_score;
  int64_t mask;
};

// Strings as CDR has them, each filled up to a multiple of four bytes, one after the other.
struct Strings
{
  const uint8_t * bytes;
  const int64_t * ends;
};

// Writes one after the other, or counts how many bytes that would be where there is no room.
class Writer
{
public:
  explicit Writer(uint8_t * out)
  : out_(out) {}

  int64_t size() const {return size_;}

  void bytes(const void * data, int64_t size)
  {
    if (out_) {
      std::memcpy(out_ + size_, data, size);
    }
    size_ += size;
  }
  template<typename... Numbers>
  void numbers(Numbers... values)
  {
    static_assert(((sizeof(values) == 4) && ...), "which keeps what follows aligned");
    (bytes(&values, 4), ...);
  }
  void string(const Strings & strings, uint32_t number)
  {
    const int64_t begin = number ? strings.ends[number - 1] : 0;
    bytes(strings.bytes + begin, strings.ends[number] - begin);
  }

private:
  uint8_t * out_;
  int64_t size_ = 0;
};

// Whether the box is rectified is a byte, filled up: it never is.
void write_box(const Extent & box, Writer & writer)
{
  constexpr uint32_t DO_RECTIFY = 0;
  const uint32_t x = box.x, y = box.y, height = box.height, width = box.width;
  writer.numbers(x, y, height, width, DO_RECTIFY);
}

}  // namespace

extern "C"
{

// Writes `segments` messages to `out`, where that is not null; returns how many bytes they are.
//
// `masks` and `counts` are a table's, `count_ends` says where each mask's run lengths end.
int64_t fastsam_segmentations(
  int64_t segments, const Segmentation * segmentations, const uint8_t * strings,
  const int64_t * string_ends, const Extent * masks, const int64_t * count_ends,
  const uint32_t * counts, uint8_t * out)
{
  const Strings known{strings, string_ends};
  Writer writer(out);
  for (int64_t i = 0; i < segments; ++i) {
    const Segmentation & segment = segmentations[i];
    const Extent & mask = masks[segment.mask];
    const uint32_t area = mask.area, number = mask.counts;
    writer.numbers(segment.id);
    writer.string(known, segment.prompt_id);
    writer.numbers(segment.score, segment.prompt_score);
    writer.string(known, segment.label);
    writer.numbers(segment.label_score);
    write_box(mask, writer);
    writer.numbers(area, number);
    writer.bytes(counts + count_ends[segment.mask] - number, 4 * mask.counts);
  }
  return writer.size();
}

}  // extern "C"
