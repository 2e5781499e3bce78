# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""ROS domains that no other test run on this machine uses."""

from __future__ import annotations

import socket

DOMAINS = range(1, 101)  # above, the ports may be those that Linux hands out
_claims: list[socket.socket] = []


def claim_domain() -> str:
    """
    A ROS domain that is this process's own until it ends.

    The kernel keeps the claims: a name of an abstract socket is bound once, and free again when
    its process has ended, however it did.

    :raises RuntimeError: all of them are claimed
    """
    for domain in DOMAINS:
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f'\0fastsam_ros-test-domain-{domain}')
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return str(domain)
    raise RuntimeError(f'all of {len(DOMAINS)} ROS domains are in use by other test runs')
