# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Stamps of messages as nanoseconds, and back."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from std_msgs.msg import Header

SECOND = 10**9  # ns


def stamp_of(header: Header) -> int:
    """The stamp of a message, ns."""
    return header.stamp.sec * SECOND + header.stamp.nanosec


def as_time(stamp: int) -> Time:
    """A stamp in ns as its message."""
    return Time(sec=stamp // SECOND, nanosec=stamp % SECOND)
