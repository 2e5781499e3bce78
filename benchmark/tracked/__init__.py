# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What `~/tracked` says of each camera frame, and how soon: camera, node and listener a process each.

    python -m benchmark.tracked DATA [--max-rate 8] [--rate 25] [--only NAME ...]
    python -m benchmark.tracked.rate DATA [--rate 60] [--rounds 6]

DATA is a folder of sequences with images/ and masks/, as `fastsam evaluate --task follow` takes
it. Both need ROS.
"""
