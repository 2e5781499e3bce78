# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What was measured, on what, as tables and a plot."""
