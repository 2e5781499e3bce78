# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the network's output to masks: decoded, shaped, refined, and as run lengths."""
