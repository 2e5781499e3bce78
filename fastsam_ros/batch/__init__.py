# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Many files at once: pictures, videos and bags segmented, resumable."""
