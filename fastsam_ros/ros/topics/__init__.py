# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Messages in and out: subscriptions, publishers, and how their bytes are laid out."""
