# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`python -m fastsam_ros.web`."""

from fastsam_ros.web.command import main

if __name__ == '__main__':
    main()
