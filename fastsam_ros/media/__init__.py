# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Files: pictures, videos, bags and annotations read and written."""
