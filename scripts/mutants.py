# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
`make mutants`: whether the tests notice when a line is wrong.

cosmic-ray changes one operator, number or condition at a time in a copy of the sources, and the
tests of that room run. What they let pass is printed. All of it takes hours, so some are drawn.
"""

from __future__ import annotations

import argparse
from pathlib import Path
import random
import shutil
import subprocess
import sys
import tempfile

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkResult

ROOT = Path(__file__).parents[1]
ROOMS = {  # sources, and what of test/ holds them
    'core': 'test/core --deselect test/core/test_scene.py::test_decoding_needs_little_memory',
    'text': 'test/text',
    'drawing': 'test/drawing',
    'ros/prompting': 'test/ros/prompting test/ros/node/test_node_refusals.py '
                     'test/ros/node/test_node_prompts.py test/ros/node/test_node_standing.py '
                     'test/ros/node/test_node_standing_ends.py',
}
# Annotations are strings, and | of two types is no arithmetic; 'is' and '==' differ in nothing
# that these sources compare.
UNTOUCHED = ('BinaryOperator_BitOr', 'Is_Eq', 'Eq_Is', 'IsNot_', 'NotEq_IsNot', 'Decorator')
CONFIG = """
[cosmic-ray]
module-path = "fastsam_ros/{room}"
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"
[cosmic-ray.distributor]
name = "local"
"""


def copy_sources(folder: Path) -> None:
    """Copy what the tests read; nothing is mutated in the checkout."""
    for name in ('fastsam_ros', 'test', 'training', 'benchmark', 'scripts', 'src',
                 'pyproject.toml'):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns('__pycache__'))
        else:
            shutil.copy2(source, folder)


def draw(database: WorkDB, count: int, seed: int) -> None:
    """Leave `count` mutations of those that mean something; skip the others."""
    items = sorted(database.work_items, key=lambda item: item.job_id)
    useful = [item for item in items if not any(
        word in mutation.operator_name for mutation in item.mutations for word in UNTOUCHED)]
    order = sorted(useful, key=lambda item: str(item.mutations))
    kept = {item.job_id for item in random.Random(seed).sample(order, min(count, len(order)))}
    for item in items:
        if item.job_id not in kept:
            database.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def survivors(database: WorkDB) -> tuple[int, list[str]]:
    """How many were tried, and the changes that no test noticed."""
    results = [r for _, r in database.results if r.worker_outcome != WorkerOutcome.SKIPPED]
    return len(results), [result.diff or '' for result in results if not result.is_killed]


def measure(room: str, count: int, seed: int, timeout: float) -> tuple[int, list[str]]:
    """One room of the package: how many mutations were tried, and those that survived."""
    with tempfile.TemporaryDirectory(prefix='fastsam_ros-mutants-') as name:
        folder = Path(name)
        copy_sources(folder)
        (folder / 'config.toml').write_text(CONFIG.format(
            room=room, python=sys.executable, tests=ROOMS[room], timeout=timeout))
        run = [str(Path(sys.executable).with_name('cosmic-ray'))]
        subprocess.run([*run, 'init', 'config.toml', 'session.sqlite'], cwd=folder, check=True)
        with use_db(str(folder / 'session.sqlite'), WorkDB.Mode.open) as database:
            draw(database, count, seed)
        subprocess.run([*run, 'exec', 'config.toml', 'session.sqlite'], cwd=folder, check=True)
        with use_db(str(folder / 'session.sqlite'), WorkDB.Mode.open) as database:
            return survivors(database)


def main() -> None:
    """Measure the rooms that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument('rooms', nargs='*', default=[*ROOMS], help=', '.join(ROOMS))
    parser.add_argument('--sample', type=int, default=100, help='mutations a room (%(default)s)')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--timeout', type=float, default=300.0, help='seconds a mutation')
    asked = parser.parse_args()
    for room in asked.rooms:
        tried, alive = measure(room, asked.sample, asked.seed, asked.timeout)
        print(*alive, sep='\n')
        print(f'{room}: {tried - len(alive)} of {tried} mutations noticed', flush=True)


if __name__ == '__main__':
    main()
