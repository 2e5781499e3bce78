// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a fastsam_ros/msg/Segmentation says, for C++17: runs, points, pixels, COCO's format.
///
/// Nothing but this file and the messages is needed. Every function takes the message type as a
/// template parameter, so any allocator, or a struct of one's own with the same fields, will do.
/// No function reads or writes outside of what it is given, whatever a message holds; `validate`
/// says what is wrong with one.

#ifndef FASTSAM_ROS__SEGMENTATION_HPP_
#define FASTSAM_ROS__SEGMENTATION_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#if defined(__has_include)
#if __has_include(<opencv2/core.hpp>)
#include <opencv2/core.hpp>
#define FASTSAM_ROS__HAS_OPENCV 1
#endif
#endif

namespace fastsam_ros
{

namespace detail
{

/// Call visit(begin, end) for each run of foreground, in pixels of the box counted row by row.
template<class Segmentation, class Visit>
void for_each_flat_run(const Segmentation & segmentation, Visit && visit)
{
  const std::uint64_t size = std::uint64_t{segmentation.box.width} * segmentation.box.height;
  std::uint64_t begin = 0;
  bool foreground = false;  // a mask begins with background
  for (const std::uint64_t count : segmentation.counts) {
    const std::uint64_t end = begin + std::min(count, size - begin);
    if (foreground && begin < end) {
      visit(begin, end);
    }
    begin = end;
    foreground = !foreground;
  }
}

/// Lengths of runs of equal pixels, background first, of `size` pixels that pixel(i) tells.
template<class Counts, class Pixel>
Counts run_lengths(std::size_t size, Pixel && pixel)
{
  Counts counts;
  bool foreground = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (pixel(i) != foreground) {
      counts.push_back(static_cast<std::uint32_t>(i - begin));
      begin = i;
      foreground = !foreground;
    }
  }
  if (begin < size || counts.empty()) {
    counts.push_back(static_cast<std::uint32_t>(size - begin));
  }
  return counts;
}

/// Append a number as COCO writes it: groups of five bits, lowest first, a sixth that says
/// whether more follow, plus 48.
inline void append_coco_number(std::string & text, std::int64_t number)
{
  bool more = true;
  while (more) {
    const auto group = static_cast<unsigned>(number & 31);
    number >>= 5;
    // The rest only repeats the sign: it need not be written.
    more = number != ((group & 16) ? -1 : 0);
    text.push_back(static_cast<char>(48 + (group | (more ? 32U : 0U))));
  }
}

}  // namespace detail

/// Call visit(y, x_begin, x_end) for each run of foreground in a row, from top to bottom and from
/// left to right; pixels of the image, x_end exclusive, all std::uint32_t.
template<class Segmentation, class Visit>
void for_each_run(const Segmentation & segmentation, Visit && visit)
{
  const auto & box = segmentation.box;
  detail::for_each_flat_run(
    segmentation, [&](std::uint64_t begin, std::uint64_t end) {
      while (begin < end) {
        const std::uint64_t row = begin / box.width;
        const std::uint64_t stop = std::min(end, (row + 1) * box.width);
        visit(
          static_cast<std::uint32_t>(box.y_offset + row),
          static_cast<std::uint32_t>(box.x_offset + (begin - row * box.width)),
          static_cast<std::uint32_t>(box.x_offset + (stop - row * box.width)));
        begin = stop;
      }
    });
}

/// Whether a pixel of the image belongs to the segment; takes time by the number of runs.
template<class Segmentation>
bool contains(const Segmentation & segmentation, std::uint32_t x, std::uint32_t y)
{
  const auto & box = segmentation.box;
  if (x < box.x_offset || y < box.y_offset) {
    return false;
  }
  const std::uint64_t column = x - box.x_offset, row = y - box.y_offset;
  if (column >= box.width || row >= box.height) {
    return false;
  }
  const std::uint64_t wanted = row * box.width + column;
  std::uint64_t end = 0;
  bool foreground = false;
  for (const std::uint64_t count : segmentation.counts) {
    end += count;
    if (wanted < end) {
      return foreground;
    }
    foreground = !foreground;
  }
  return false;
}

/// Set the segment's pixels of an image; what lies outside of the image is left out.
///
/// \param data the image's first pixel
/// \param height, width of the image, pixels
/// \param step from one row to the next, in pixels
/// \param value what they are set to
template<class Segmentation, class Pixel>
void paint(
  const Segmentation & segmentation, Pixel * data, std::size_t height, std::size_t width,
  std::size_t step, const std::common_type_t<Pixel> & value)
{
  for_each_run(
    segmentation, [&](std::size_t y, std::size_t x_begin, std::size_t x_end) {
      x_end = std::min(x_end, width);
      if (y < height && x_begin < x_end) {
        std::fill(data + y * step + x_begin, data + y * step + x_end, value);
      }
    });
}

/// Make a message of a mask: its box, area and counts; all else is left as the message begins.
///
/// \param data the mask's first pixel; what is not zero is foreground
/// \param height, width of the mask, pixels
/// \param step from one row to the next, in pixels
template<class Segmentation, class Pixel>
Segmentation from_mask(
  const Pixel * data, std::uint32_t height, std::uint32_t width, std::size_t step)
{
  Segmentation segmentation;
  std::uint32_t left = width, right = 0, top = height, bottom = 0, area = 0;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      if (data[y * step + x] != Pixel{}) {
        left = std::min(left, x);
        right = std::max(right, x + 1);
        top = std::min(top, y);
        bottom = y + 1;
        ++area;
      }
    }
  }
  if (area == 0) {
    return segmentation;
  }
  auto & box = segmentation.box;
  box.x_offset = left;
  box.y_offset = top;
  box.width = right - left;
  box.height = bottom - top;
  segmentation.area = area;
  segmentation.counts = detail::run_lengths<decltype(segmentation.counts)>(
    std::size_t{box.width} * box.height, [&](std::size_t i) {
      return data[(top + i / box.width) * step + left + i % box.width] != Pixel{};
    });
  return segmentation;
}

/// COCO's run lengths, as pycocotools' `counts`: down the columns of the whole image.
///
/// \param height, width of the image, pixels
/// \return text, as in `{"size": [height, width], "counts": text}`
template<class Segmentation>
std::string to_coco(
  const Segmentation & segmentation, std::uint32_t height, std::uint32_t width)
{
  std::vector<unsigned char> columns(std::size_t{height} * width);
  for_each_run(
    segmentation, [&](std::size_t y, std::size_t x_begin, std::size_t x_end) {
      for (std::size_t x = x_begin; y < height && x < std::min<std::size_t>(x_end, width); ++x) {
        columns[x * height + y] = 1;
      }
    });
  const auto counts = detail::run_lengths<std::vector<std::int64_t>>(
    columns.size(), [&](std::size_t i) {return columns[i] != 0;});
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    // From the fourth on, the difference to the run before of the same kind.
    detail::append_coco_number(text, i > 2 ? counts[i] - counts[i - 2] : counts[i]);
  }
  return text;
}

/// What contradicts itself in a message, in words; empty: nothing does.
///
/// \param height, width of the image that it is about, pixels: SegmentationArray's
template<class Segmentation>
std::string validate(
  const Segmentation & segmentation, std::uint32_t height, std::uint32_t width)
{
  const auto & box = segmentation.box;
  const std::uint64_t right = std::uint64_t{box.x_offset} + box.width;
  const std::uint64_t bottom = std::uint64_t{box.y_offset} + box.height;
  if (right > width || bottom > height) {
    return "the box ends at " + std::to_string(right) + ", " + std::to_string(bottom) +
           ", outside of the image of " + std::to_string(width) + "x" + std::to_string(height) +
           " pixels";
  }
  std::uint64_t sums[2] = {0, 0};  // background, foreground
  std::size_t index = 0;
  for (const std::uint64_t count : segmentation.counts) {
    sums[index++ % 2] += count;
  }
  const std::uint64_t size = std::uint64_t{box.width} * box.height;
  if (sums[0] + sums[1] != size) {
    return "counts sum to " + std::to_string(sums[0] + sums[1]) + ", but the box has " +
           std::to_string(size) + " pixels";
  }
  if (sums[1] != segmentation.area) {
    return "area is " + std::to_string(segmentation.area) + ", but counts hold " +
           std::to_string(sums[1]) + " foreground pixels";
  }
  return {};
}

#ifdef FASTSAM_ROS__HAS_OPENCV
/// The mask as an image of OpenCV: 8 bit, one channel, 255 where the segment is, else 0.
///
/// \param height, width of the image, pixels
template<class Segmentation>
cv::Mat to_mat(const Segmentation & segmentation, int height, int width)
{
  cv::Mat mask = cv::Mat::zeros(height, width, CV_8UC1);
  paint(
    segmentation, mask.data, static_cast<std::size_t>(height), static_cast<std::size_t>(width),
    mask.step1(), 255);
  return mask;
}
#endif

}  // namespace fastsam_ros

#endif  // FASTSAM_ROS__SEGMENTATION_HPP_
