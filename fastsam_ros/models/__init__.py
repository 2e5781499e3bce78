# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The model that ships, and where to get and how to check the others."""

from fastsam_ros.models.download import fetch
from fastsam_ros.models.registry import (
    ALIASES,
    PUBLISHED,
    Published,
    check_trust,
    folder,
    installed,
    lookup,
    resolve,
    sha256,
    shipped,
    verify,
)

__all__ = [
    'ALIASES',
    'PUBLISHED',
    'Published',
    'check_trust',
    'fetch',
    'folder',
    'installed',
    'lookup',
    'resolve',
    'sha256',
    'shipped',
    'verify',
]
