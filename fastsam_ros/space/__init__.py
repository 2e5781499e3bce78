# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Depth and a camera's numbers to metres: where things are, how large, and their points."""
