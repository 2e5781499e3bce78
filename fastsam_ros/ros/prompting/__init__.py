# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What people and programs ask: services, clicks and detectors' boxes."""
