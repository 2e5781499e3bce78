# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Bulk labelling: one partition function, run on one machine, in shards or on Ray."""
