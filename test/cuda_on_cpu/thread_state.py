# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What CUDA keeps for each thread by itself."""

from threading import local


class ThreadState(local):
    """The current GPU, and whether the thread records: others are not bound by it meanwhile."""

    device = 0
    captures = False
