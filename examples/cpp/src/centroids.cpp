// Copyright 2026 the fastsam_ros authors
// SPDX-License-Identifier: Apache-2.0

// Logs where each segment that answers a standing prompt has its centre:
//   ros2 run fastsam_ros_example_cpp centroids

#include <cstdint>
#include <memory>

#include "fastsam_ros/msg/segmentation_array.hpp"
#include "fastsam_ros/segmentation.hpp"
#include "rclcpp/rclcpp.hpp"

using fastsam_ros::msg::Segmentation;
using fastsam_ros::msg::SegmentationArray;

class Centroids : public rclcpp::Node
{
public:
  Centroids()
  : Node("centroids"),
    subscription_(create_subscription<SegmentationArray>(
        "fastsam/prompted", rclcpp::SensorDataQoS(),
        [this](SegmentationArray::ConstSharedPtr message) {receive(*message);}))
  {
  }

private:
  void receive(const SegmentationArray & message) const
  {
    for (const auto & segmentation : message.segmentations) {
      const auto problem =
        fastsam_ros::validate(segmentation, message.height, message.width);
      if (!problem.empty()) {
        RCLCPP_WARN(get_logger(), "segment %u: %s", segmentation.id, problem.c_str());
      } else if (segmentation.area > 0) {
        report(segmentation);
      }
    }
  }

  void report(const Segmentation & segmentation) const
  {
    double sum_x = 0.0, sum_y = 0.0;
    fastsam_ros::for_each_run(
      segmentation, [&](std::uint32_t y, std::uint32_t x_begin, std::uint32_t x_end) {
        const double length = x_end - x_begin;
        sum_x += length * (x_begin + x_end - 1) / 2.0;
        sum_y += length * y;
      });
    RCLCPP_INFO(
      get_logger(), "%s: %u pixels around %.1f, %.1f", segmentation.prompt_id.c_str(),
      segmentation.area, sum_x / segmentation.area, sum_y / segmentation.area);
  }

  rclcpp::Subscription<SegmentationArray>::SharedPtr subscription_;
};

int main(int argc, char ** argv)
{
  rclcpp::init(argc, argv);
  rclcpp::spin(std::make_shared<Centroids>());
  rclcpp::shutdown();
  return 0;
}
