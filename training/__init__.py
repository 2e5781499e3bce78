# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How the model that ships is made and scored; see README.md beside this file."""
