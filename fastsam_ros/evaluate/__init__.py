# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Measured quality: proposals, prompted masks, clicks and edges against what people marked."""
