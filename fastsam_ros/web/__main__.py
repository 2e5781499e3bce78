# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`python -m fastsam_ros.web`."""

import sys

from fastsam_ros.web.access.server import main

if __name__ == '__main__':
    sys.exit(main())
