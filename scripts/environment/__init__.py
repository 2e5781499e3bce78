# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What scripts/setup_env.py is made of: it makes .venv/ and builds the package in it."""
