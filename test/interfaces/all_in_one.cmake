# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

# Builds messages in half the time, for Python and ROS 2 from wheels, whose one middleware is
# Fast DDS. Not every release's generators allow it, so scripts/environment/build.py says when.
# It is included where all generators are found and before any runs.

# What C++ and other middlewares read of a message.
list(FILTER AMENT_EXTENSIONS_rosidl_generate_idl_interfaces EXCLUDE REGEX "cpp|introspection")

# Of what is left, the C++ in one source; the target is there when the package's file is through.
cmake_language(DEFER CALL set_target_properties
  ${PROJECT_NAME}__rosidl_typesupport_fastrtps_c PROPERTIES
  UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
