# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A camera's frames, the threads that run the network on them, and what stands on each."""
