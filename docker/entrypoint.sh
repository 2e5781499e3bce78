#!/bin/bash
# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0
#
# Runs a command where ROS, the package and its virtual environment are found.
# shellcheck disable=SC1090,SC1091
set -e
. "/opt/ros/$ROS_DISTRO/setup.bash"
. /opt/fastsam_ros/setup.bash
. /opt/venv/bin/activate
exec "$@"
