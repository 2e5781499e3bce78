# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network in the file formats of other runtimes, checked against the original."""
