# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What C++ and CUDA compute, in plain numpy: slow, and short enough to be believed."""
