# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What checks the page's JavaScript: TypeScript, ESLint and axe-core, by npm where it is there."""

from __future__ import annotations

import os
import shutil

from . import steps
from .layout import ROOT, Layout, SetupError

FILES = ('package.json', 'package-lock.json', '.npmrc')


def page_step(layout: Layout) -> list[steps.Step]:
    """The step that installs them; none without npm: their tests skip and say so."""
    if shutil.which('npm') is None:
        return []
    key = steps.digest(*((ROOT / name).read_text() for name in FILES))
    return [steps.Step('page', key, "installing what checks the page's JavaScript",
                       lambda: install(layout), ('venv',))]


def install(layout: Layout) -> None:
    """Install into node_modules/; that the registry is out of reach stops nothing else."""
    try:
        steps.run_logged(layout, ['npm', 'ci', '--silent'], dict(os.environ))
    except SetupError as error:
        reason = str(error).splitlines()[0]
        print(f'npm could not install them ({reason}); their tests skip')
