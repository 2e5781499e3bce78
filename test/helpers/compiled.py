# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Networks that OpenVINO compiled in this process, for the tests that come later."""

from __future__ import annotations

from threading import Lock

from cachetools import LRUCache
import openvino as ov

from fastsam_ros.backends.openvino import OpenVinoBackend

KEPT = 8  # each takes 14 MB and more
compile_anew = OpenVinoBackend.compile_for
_networks: LRUCache[tuple, ov.CompiledModel] = LRUCache(KEPT)
_lock = Lock()


def compile_once(backend: OpenVinoBackend, shape: tuple[int, ...]) -> ov.CompiledModel:
    """
    The network as `OpenVinoBackend.compile_for` compiles it, or as it did for the same file.

    It cannot be changed, and each backend runs it by requests of its own.
    """
    file = backend.path.stat()
    key = (backend.path, file.st_mtime_ns, file.st_size, backend.device,
           str(backend.properties()), shape)
    with _lock:
        if key not in _networks:
            _networks[key] = compile_anew(backend, shape)
        return _networks[key]
