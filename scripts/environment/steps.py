# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The steps of the set-up. Each is skipped when its stamp says that it was done with the same input.

A stamp is written when its step is through, so an interrupted set-up goes on where it stopped.
Steps that don't need each other run side by side: pip waits for the network and the disk where a
build waits for the processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
import fcntl
from graphlib import TopologicalSorter
import hashlib
import json
import os
from pathlib import Path
import shutil
import subprocess
import tempfile
import time

from .layout import ROOT, Layout, SetupError

LOG_LINES = 15  # of a failed command, shown to the user
AT_ONCE = 2  # steps that run side by side


def digest(*parts: object) -> str:
    """Hash a step's input."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Step:
    """One step: done when the stamp of its name holds its key."""

    name: str
    key: str
    title: str  # what the user reads while it runs
    work: Callable[[], None]
    after: tuple[str, ...] = ()  # names of the steps that it needs


def is_done(layout: Layout, step: Step) -> bool:
    """Whether the step was done with the same input."""
    stamp = layout.stamps / step.name
    return stamp.is_file() and stamp.read_text() == step.key


def run_step(layout: Layout, step: Step) -> None:
    """Do a step and write its stamp, which is whole or not there."""
    start = time.monotonic()
    print(f'{step.title} ...', flush=True)
    step.work()
    layout.stamps.mkdir(parents=True, exist_ok=True)
    unfinished = layout.stamps / f'{step.name}.new'
    unfinished.write_text(step.key)
    unfinished.replace(layout.stamps / step.name)
    print(f'{step.title}: {time.monotonic() - start:.0f} s', flush=True)


def run_steps(layout: Layout, steps: Sequence[Step]) -> None:
    """
    Do steps, each as soon as those that it needs are through.

    :param steps: what is to be done; a step that they need and that is not among them is done
    :raises SetupError: one failed; what ran beside it is through then, and nothing else was begun
    """
    named = {step.name: step for step in steps}
    order = TopologicalSorter({step.name: named.keys() & step.after for step in steps})
    order.prepare()
    running = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            while order.is_active():
                for name in order.get_ready():
                    running[pool.submit(run_step, layout, named[name])] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    future.result()
                    order.done(running.pop(future))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@contextmanager
def lock(layout: Layout) -> Iterator[None]:
    """Let one set-up at a time work on an environment; the kernel frees it if that one dies."""
    with (ROOT / f'.venv{layout.suffix}.lock').open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('another make is setting this environment up; waiting for it')
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def run_logged(layout: Layout, command: list[str], environment: dict[str, str]) -> None:
    """
    Run a command; its output is in the environment's setup.log when it has ended.

    :raises SetupError: it failed; the end of its output is printed before
    """
    log = layout.venv / 'setup.log'
    with tempfile.TemporaryFile() as output:  # another command may run beside it
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env=environment, cwd=ROOT, check=False,
            )
        finally:
            output.seek(0)
            text = f'\n$ {" ".join(command)}\n{output.read().decode(errors="replace")}'
            with log.open('a') as file:
                file.write(text)
    if done.returncode != 0:
        raise SetupError(explain_failure(command, done.returncode, text, log))


def explain_failure(command: list[str], code: int, text: str, log: Path) -> str:
    """Say what a failed command means; print the end of its output where that must tell."""
    if 'No space left on device' in text:
        return f'the disk of {ROOT} is full: free some space and run the same command again'
    if 'NewConnectionError' in text or 'NameResolutionError' in text:
        return f'pip reaches no package index: check network and proxy; its output is in {log}'
    print('failed\n' + '\n'.join(text.strip().splitlines()[-LOG_LINES:]))
    return f'{Path(command[0]).name} failed with {code}; all of its output is in {log}'


def drop_ros(folders: str) -> str:
    """Take a sourced ROS out of a list of folders, as scripts/env.sh does."""
    prefixes = os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep)
    below = tuple(f'{prefix}/' for prefix in prefixes if prefix)
    kept = [folder for folder in folders.split(os.pathsep) if folder]
    return os.pathsep.join(folder for folder in kept if not f'{folder}/'.startswith(below))


def clean_variables(layout: Layout, *, distribution: bool) -> dict[str, str]:
    """
    Make the environment that pip or colcon runs in.

    :param distribution: keep what a sourced one has set; without, only the virtual environment
        is seen, with ROS 2 from wheels in it
    """
    variables = dict(os.environ, VIRTUAL_ENV=str(layout.venv), PIP_ROOT_USER_ACTION='ignore')
    variables['PATH'] = f'{layout.venv / "bin"}{os.pathsep}{os.environ["PATH"]}'
    if not distribution:
        for name in ('PYTHONPATH', 'LD_LIBRARY_PATH'):
            variables[name] = drop_ros(os.environ.get(name, ''))
        for name in ('ROS_DISTRO', 'COLCON_PREFIX_PATH', '_ROS_WHEELS_BOOTSTRAP_COMPLETE'):
            variables.pop(name, None)
        variables['AMENT_PREFIX_PATH'] = variables['CMAKE_PREFIX_PATH'] = str(layout.venv)
    return variables


def remove(*folders: Path) -> None:
    """Remove folders that may be there."""
    for folder in folders:
        if folder.exists():
            shutil.rmtree(folder)
