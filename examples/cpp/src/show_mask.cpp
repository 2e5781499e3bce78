// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Makes a message of a mask and prints what it says; needs the messages and the header alone.

#include <array>
#include <cstdint>
#include <iostream>

#include "fastsam_ros/msg/segmentation.hpp"
#include "fastsam_ros/segmentation.hpp"

int main()
{
  constexpr std::uint32_t height = 4, width = 6;
  constexpr std::array<std::uint8_t, height * width> mask{
    0, 0, 0, 0, 0, 0,
    0, 1, 1, 0, 1, 0,
    0, 1, 1, 1, 1, 0,
    0, 0, 0, 0, 0, 0};
  using fastsam_ros::msg::Segmentation;
  const auto segmentation =
    fastsam_ros::from_mask<Segmentation>(mask.data(), height, width, width);

  std::cout << "area " << segmentation.area << ", COCO counts " <<
    fastsam_ros::to_coco(segmentation, height, width) << '\n';
  fastsam_ros::for_each_run(
    segmentation, [](std::uint32_t y, std::uint32_t x_begin, std::uint32_t x_end) {
      std::cout << "row " << y << ": " << x_begin << " to " << x_end << '\n';
    });

  const auto problem = fastsam_ros::validate(segmentation, height, width);
  std::cout << (problem.empty() ? "sound" : problem) << '\n';
  return problem.empty() ? 0 : 1;
}
