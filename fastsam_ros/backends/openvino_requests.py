# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Requests of a compiled OpenVINO network that wait to be used again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import openvino as ov


class Requests:
    """
    As many requests as callers run at the same time; safe to use from several threads.

    A request holds all of the network's intermediate results, so making one costs as much as a
    part of an inference.

    :param model: compiled
    """

    def __init__(self, model: ov.CompiledModel) -> None:
        self.model = model
        self._idle: deque[ov.InferRequest] = deque()  # its append and pop are atomic

    @contextmanager
    def one(self) -> Iterator[ov.InferRequest]:
        """Lend a request; one whose run failed does not come back."""
        try:
            request = self._idle.pop()
        except IndexError:
            request = self.model.create_infer_request()
        yield request
        self._idle.append(request)
