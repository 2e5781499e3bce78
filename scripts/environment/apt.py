# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Installs, in CI alone, the browser and the shell that some tests need; they skip without."""

from __future__ import annotations

import os
import shutil
import subprocess

PROGRAMS = ('chromium', 'zsh')  # each is a Debian package of the same name
INSTALL = (
    'apt-get update -qq && DEBIAN_FRONTEND=noninteractive '
    'apt-get install -y -qq --no-install-recommends'
)


def start_install(goal: str) -> subprocess.Popen | None:
    """
    Start apt-get beside the other steps where this is CI, root, and something is missing.

    :param goal: only the tests need these programs
    :return: the running installation, or None
    """
    missing = [program for program in PROGRAMS if not shutil.which(program)]
    allowed = os.environ.get('CI') == 'true' and os.geteuid() == 0 and shutil.which('apt-get')
    if goal != 'test' or not missing or not allowed:
        return None
    return subprocess.Popen(
        ['sh', '-c', f'{INSTALL} {" ".join(missing)}'],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )


def finish_install(installation: subprocess.Popen | None) -> None:
    """Wait for the installation; what it could not install makes tests skip, not fail."""
    if installation is None:
        return
    errors = installation.communicate()[1]
    if installation.returncode != 0:
        reason = (errors.strip().splitlines() or ['no reason given'])[-1]
        print(f'apt-get could not install {", ".join(PROGRAMS)} ({reason}); their tests skip')
