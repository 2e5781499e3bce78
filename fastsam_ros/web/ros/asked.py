# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Parameters that a node is asked for, until it answers."""

from __future__ import annotations

from collections.abc import Sequence
import time

from rcl_interfaces.srv import GetParameters
from rclpy.client import Client
from rclpy.task import Future

PATIENCE = 1.0  # seconds for an answer
LONGEST = 8.0  # seconds; a node that was too slow gets twice as long, up to this


class Asked:
    """
    A question that is put again when its answer is lost, as under load they are.

    :param client: of the node's service
    :param names: of the parameters
    """

    def __init__(self, client: Client, names: Sequence[str]) -> None:
        self._client, self._names = client, list(names)
        self._future: Future | None = None
        self._patience, self._until = PATIENCE, 0.0

    def answer(self) -> GetParameters.Response | None:
        """
        The answer, once; None while there is none, and then it is asked if it was not yet.

        :raises Exception: what the answer was instead; it is asked again after that
        """
        future = self._future
        if future is not None and future.done():
            self._future, self._patience = None, PATIENCE
            return future.result()
        if future is not None and time.monotonic() > self._until:
            self.drop()
            self._patience = min(2 * self._patience, LONGEST)
        if self._future is None:
            self._until = time.monotonic() + self._patience
            self._future = self._client.call_async(GetParameters.Request(names=self._names))
        return None

    def drop(self) -> None:
        """Wait for no answer any more."""
        if self._future is not None:
            self._client.remove_pending_request(self._future)
            self._future = None
