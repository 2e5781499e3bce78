# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What people touch: the command line, drawing, files, video, bags and the web page."""
