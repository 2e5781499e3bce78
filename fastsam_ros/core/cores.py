# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Who uses the processor's cores."""

from __future__ import annotations

import cv2


def leave_cores_to_the_network() -> None:
    """
    Keep OpenCV to the thread that calls it, in the whole process.

    Its threads wait for each other without sleeping. Beside a network that uses all cores they
    scale a picture later than one thread would, and the waiting takes time from the network.
    """
    cv2.setNumThreads(1)
