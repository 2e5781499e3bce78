# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is known of one frame, as it travels from the network to the messages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from std_msgs.msg import Header

from fastsam_ros.core import Scene
from fastsam_ros.following.thing import Status


@dataclass(frozen=True, eq=False)
class Result:
    """
    What is known of one frame: the one container from the network to the messages.

    :param header: of the image's message, verbatim
    :param scene: what the network found
    :param ids: (N,) uint32 identities, in the scene's order
    :param things: how the things that prompts are bound to stand on this frame; None: the frame
        is not in the row of those in which they are followed
    """

    header: Header
    scene: Scene
    ids: np.ndarray
    things: tuple[Status, ...] | None = None
