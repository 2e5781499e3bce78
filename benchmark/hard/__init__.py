# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What is hard to follow: things that are hidden, that have a twin, that leave and come back.

    python -m benchmark.hard DATA

`films` makes the scenes of sequences whose things are known, `followed` follows and counts.
"""
