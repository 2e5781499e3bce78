# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who may open the page, and where: tokens, hosts, addresses."""
