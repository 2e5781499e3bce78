// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Answers in JSON, line by line, what segmentation.hpp makes of masks and messages; see
// test_segmentation_header.py.
//   mask HEIGHT WIDTH PIXELS...                          each pixel 0 or not
//   message HEIGHT WIDTH X Y WIDTH HEIGHT AREA COUNTS... fields as they may come

#include <cstdint>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "fastsam_ros/segmentation.hpp"

struct Box
{
  std::uint32_t x_offset = 0, y_offset = 0, height = 0, width = 0;
};

struct Segmentation
{
  Box box;
  std::uint32_t area = 0;
  std::vector<std::uint32_t> counts;
};

template<class Numbers>
void print(const char * name, const Numbers & numbers)
{
  std::cout << '"' << name << "\": [";
  const char * comma = "";
  for (const auto number : numbers) {
    std::cout << comma << std::uint64_t{number};
    comma = ", ";
  }
  std::cout << "], ";
}

void answer(const Segmentation & segmentation, std::uint32_t height, std::uint32_t width)
{
  const auto & box = segmentation.box;
  std::vector<std::uint32_t> runs, held;
  fastsam_ros::for_each_run(
    segmentation, [&](std::uint32_t y, std::uint32_t x_begin, std::uint32_t x_end) {
      runs.insert(runs.end(), {y, x_begin, x_end});
    });
  // Rows of the painted image have a margin, which must stay as it is.
  std::vector<std::uint16_t> painted(std::size_t{height} * (width + 3), 7);
  fastsam_ros::paint(segmentation, painted.data(), height, width, width + 3, 1000);
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      held.push_back(fastsam_ros::contains(segmentation, x, y));
    }
  }
  std::cout << '{';
  print("box", std::vector<std::uint32_t>{box.x_offset, box.y_offset, box.width, box.height});
  print("area", std::vector<std::uint32_t>{segmentation.area});
  print("counts", segmentation.counts);
  print("runs", runs);
  print("painted", painted);
  print("contains", held);
  const auto coco = fastsam_ros::to_coco(segmentation, height, width);
  print("coco", std::vector<unsigned char>(coco.begin(), coco.end()));
  std::cout << "\"problem\": \"" << fastsam_ros::validate(segmentation, height, width) << "\"}\n";
}

int main()
{
  std::string line, kind;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::uint32_t height = 0, width = 0, number = 0;
    words >> kind >> height >> width;
    Segmentation segmentation;
    if (kind == "mask") {
      std::vector<unsigned char> mask;
      while (words >> number) {
        mask.push_back(static_cast<unsigned char>(number));
      }
      segmentation =
        fastsam_ros::from_mask<Segmentation>(mask.data(), height, width, std::size_t{width});
    } else {
      auto & box = segmentation.box;
      words >> box.x_offset >> box.y_offset >> box.width >> box.height >> segmentation.area;
      while (words >> number) {
        segmentation.counts.push_back(number);
      }
    }
    answer(segmentation, height, width);
  }
  return 0;
}
