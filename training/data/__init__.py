# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Labelled pictures, and what becomes of them on their way to the network."""
