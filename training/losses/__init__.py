# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the network learns: which anchor answers for what, and what its mistakes cost."""
