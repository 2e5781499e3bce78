# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The `fastsam` command.

What a command needs is imported when it runs, so that help and completion answer at once.
"""

from __future__ import annotations

import json
from pathlib import Path
import sqlite3
import sys
from typing import Annotated
import warnings

from rich.console import Console
import typer

from fastsam_ros import __version__
from fastsam_ros.cli import (
    ask,
    convert,
    demo,
    evaluate,
    export,
    label,
    models,
    options,
    page,
    segment,
    teach,
    words,
)
from fastsam_ros.cli.interrupt import INTERRUPT
from fastsam_ros.core.errors import BackendError, FastSamError, ParameterError, PromptError

# How a checkout is told. Without its __init__.py a package would yield to any other of its name.
CHECKOUT = ('benchmark/__init__.py', 'benchmark/__main__.py', 'fastsam_ros/cli/app.py')
LISTENS = {'segment', 'label'}  # commands that end between two files when they are interrupted
UsageError = typer.BadParameter.__base__

app = typer.Typer(
    name='fastsam',
    no_args_is_help=True,
    rich_markup_mode='markdown',
    pretty_exceptions_enable=False,
    context_settings={'help_option_names': ['-h', '--help']},
)

app.command(epilog=segment.EXAMPLES)(segment.segment)
app.command(epilog=label.EXAMPLES)(label.label)
app.command(epilog=convert.EXAMPLES)(convert.convert)
app.command(epilog=page.EXAMPLES)(page.page)
app.command()(demo.demo)
app.command(epilog=export.EXAMPLES)(export.export)
app.command(epilog=evaluate.EXAMPLES)(evaluate.evaluate)
app.command(epilog=ask.EXAMPLES)(ask.ask)
app.command(epilog=teach.EXAMPLES)(teach.teach)
app.add_typer(words.app, name='words')
app.add_typer(models.app, name='models')


@app.command()
def doctor(
    model: options.Model = '',
    trust: options.Trust = False,
    wait: Annotated[
        float, typer.Option(help='How long to listen for cameras, seconds.', min=0.1)
    ] = 3.0,
    as_json: options.Json = False,
) -> None:
    """
    Look at what works on this machine, and say what to do about what does not.

    Libraries, devices, the model that would be loaded (it is loaded and run), and in a shell with
    ROS: whether a camera publishes, with which encoding and QoS. Exit code 1 when something that
    should work does not; what is merely not installed is no fault.
    """
    from fastsam_ros.doctor.checks import run

    raise typer.Exit(run(model, trust, wait, as_json))


@app.command(context_settings={'allow_extra_args': True, 'ignore_unknown_options': True})
def benchmark(context: typer.Context) -> None:
    """
    Measure speed on this machine, against other programs where they are installed.

    The programs that measure are in the source, not in the installed package: run this in a
    checkout. Arguments are passed on; `fastsam benchmark --help` shows this text, and
    `fastsam benchmark -- --help` theirs.
    """
    import importlib

    checkout = Path.cwd()
    if not all((checkout / name).is_file() for name in CHECKOUT):
        raise BackendError(
            'the benchmark is in the source of fastsam_ros alone: run this in a checkout of it'
        )
    # An installed command looks for modules where it lies itself, not where it is run.
    sys.path.insert(0, str(checkout))
    try:
        program = importlib.import_module('benchmark.__main__')
    except ModuleNotFoundError as error:
        raise BackendError(f'the benchmark needs {error.name}: pip install it') from error
    raise typer.Exit(program.main(context.args) or 0)


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        print(f'fastsam {__version__}')
        raise typer.Exit


@app.callback()
def begin(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option('--version', callback=show_version, is_eager=True, help='Print the version.'),
    ] = False,
) -> None:
    """Segments in pictures, videos and ROS bags, and answers to points, boxes and text."""
    if context.invoked_subcommand not in LISTENS:
        INTERRUPT.release()


def main() -> None:
    """
    Run the command, and say in one line what went wrong.

    :raises SystemExit: 0 done, 1 something failed, 2 the command makes no sense as it is typed
    """
    warnings.filterwarnings('ignore', message='Image size .* exceeds limit')  # said in our words
    try:
        code = app(standalone_mode=False)
    except UsageError as error:
        error.show()
        code = _explain(error.format_message(), 2, said=True)
    except (ParameterError, PromptError) as error:
        code = _explain(error, 2)
    except (FastSamError, OSError, sqlite3.Error) as error:
        code = _explain(error, 1)
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    sys.exit(code or 0)


def _explain(error: object, code: int, said: bool = False) -> int:
    """Say what went wrong, to a program too if one reads; returns the exit code."""
    if not said:
        Console(stderr=True).print('[red]error:[/red]', end=' ')
        print(error, file=sys.stderr)
    if '--json' in sys.argv:
        print(json.dumps({'error': str(error)}, indent=2))
    return code


if __name__ == '__main__':
    main()
