# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What there is to measure on a GPU, and of TensorRT's precisions without one."""
