# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`make demo`: a camera that wanders over photographs, a client, and the processes around them."""
