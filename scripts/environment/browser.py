# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The browser and the shell that some tests need; without them those tests do not run."""

from __future__ import annotations

import os
from pathlib import Path
import shutil
import subprocess

from .layout import Layout, SetupError
from .steps import clean_variables, run_logged

BROWSERS = ('chromium', 'google-chrome', 'google-chrome-stable')
RELEASE = Path('/etc/os-release')
INSTALL = (
    'apt-get update -qq && DEBIAN_FRONTEND=noninteractive '
    'apt-get install -y -qq --no-install-recommends'
)


def has_browser() -> bool:
    """Whether the system has a Chromium of its own."""
    return bool(os.environ.get('CHROMIUM') or any(map(shutil.which, BROWSERS)))


def may_use_apt() -> bool:
    """Whether this is root on Debian or one of its children."""
    return os.geteuid() == 0 and shutil.which('apt-get') is not None


def start_apt(goal: str) -> subprocess.Popen | None:
    """
    Start apt-get beside the other steps, where it may be used and something is missing.

    :param goal: only the tests need these programs
    :return: the running installation, or None
    """
    missing = [] if shutil.which('zsh') else ['zsh']
    # Ubuntu's package is a stub that asks for snap, which containers have not.
    if not has_browser() and not _is_ubuntu():
        missing.append('chromium')
    if goal != 'test' or not missing or not may_use_apt():
        return None
    return subprocess.Popen(
        ['sh', '-c', f'{INSTALL} {" ".join(missing)}'],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )


def finish_apt(installation: subprocess.Popen | None) -> None:
    """Wait for the installation, and say what it could not install."""
    if installation is None:
        return
    errors = installation.communicate()[1]
    if installation.returncode != 0:
        reason = (errors.strip().splitlines() or ['no reason given'])[-1]
        print(f'apt-get could not install what some tests need: {reason}')


def fetch(layout: Layout) -> None:
    """Have Playwright bring its own Chromium where the system has none, and say when it can't."""
    if has_browser():
        return
    command = [str(layout.venv_python), '-m', 'playwright', 'install', 'chromium']
    if may_use_apt():
        command.insert(4, '--with-deps')
    try:
        run_logged(layout, command, clean_variables(layout, distribution=False))
    except SetupError as error:
        print(f'Playwright could not fetch Chromium: {error}')


def _is_ubuntu() -> bool:
    return RELEASE.is_file() and 'ubuntu' in RELEASE.read_text().lower()
