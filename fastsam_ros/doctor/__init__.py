# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam doctor`: what is installed, what works, and what to do about the rest."""
