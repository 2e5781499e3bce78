# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What every measurement stands on: networks, pictures, the programs compared with, and clocks."""
