# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam models`: which models there are, and how to get and check them."""

from __future__ import annotations

import json
from typing import Annotated

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
import typer

from fastsam_ros import models
from fastsam_ros.cli.options import Json, Model
from fastsam_ros.core.errors import ModelError
from fastsam_ros.models.metadata import Metadata, metadata_file

app = typer.Typer(no_args_is_help=True, help='List, fetch and check models.')

Name = Annotated[str, typer.Argument(metavar='NAME', help='As `fastsam models list` shows it.')]
USES = {'segment': 'segments', 'text': 'text prompts', 'tokenizer': 'part of a text model'}


@app.command('list')
def list_models(as_json: Json = False) -> None:
    """Show the model that ships and the published ones, and which are on this machine."""
    rows = [_shipped(), *(_published(name) for name in models.PUBLISHED)]
    if as_json:
        print(json.dumps(rows, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    for title in ('name', 'for', 'size', 'here', 'licence'):
        table.add_column(title, no_wrap=title != 'licence')
    for row in rows:
        size = f'{row["size"] / 1e6:.0f} MB' if row['size'] else ''
        here = '[green]yes[/green]' if row['path'] else 'no'
        table.add_row(row['name'], USES[row['kind']], size, here, row['licence'])
    Console().print(table)
    print('\nFetch one with `fastsam models get NAME`, and use it with `--model NAME`.')


@app.command()
def get(name: Name, as_json: Json = False) -> None:
    """Fetch a published model from where its authors put it, and check its SHA-256."""
    model = models.lookup(name)
    columns = ('{task.description}', BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:
        bar = bars.add_task(model.name, total=model.size)
        path = models.fetch(
            name, progress=lambda done, total: bars.update(bar, completed=done, total=total)
        )
    digest = models.sha256(path)
    if as_json:
        print(json.dumps({**_published(model.name), 'sha256': digest}, indent=2))
        return
    print(path)
    note = Console(stderr=True).print
    note(f'Its licence: {model.licence}')
    if model.sha256 is None:
        note(f'Nobody published its SHA-256; that of this file is {digest}')


@app.command()
def verify(
    name: Annotated[
        str, typer.Argument(metavar='[NAME]', help='One of them; else all that are here.')
    ] = '',
    as_json: Json = False,
) -> None:
    """Compare models on this machine with what was published; exit code 1 when one differs."""
    names = [name] if name else [n for n in models.PUBLISHED if models.installed(n)]
    rows = [_verified(models.lookup(each).name) for each in names]
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f'{row["name"]}: {row["finding"]}')
        if not rows:
            print('No published model is here: see `fastsam models list`.')
    raise typer.Exit(0 if all(row['sound'] for row in rows) else 1)


@app.command()
def where(
    name: Annotated[
        str,
        typer.Argument(metavar='[NAME|PATH]', help='A model; else the folder they are kept in.'),
    ] = '',
) -> None:
    """Print the path of a model, or of the folder that fetched models are kept in."""
    print(models.resolve(name) if name else models.folder())


@app.command()
def names(model: Model = '', as_json: Json = False) -> None:
    """Show the names that a model knows by itself, and the words that people may use for them."""
    path = models.resolve(model)
    known = Metadata.of(path).names
    if not known:
        raise ModelError(
            f'{path.name} knows no names: {metadata_file(path).name} beside it lists none')
    if as_json:
        print(json.dumps({name: list(words) for name, words in known.items()}, indent=2))
        return
    table = Table(box=None, pad_edge=False)
    table.add_column('name', no_wrap=True)
    table.add_column('also')
    for name, words in known.items():
        table.add_row(name, ', '.join(words))
    Console().print(table)
    print('\nArticles and plurals may be used as well. A word may stand for several names.')


def _verified(name: str) -> dict:
    try:
        known = models.verify(name)
    except ModelError as error:
        return {'name': name, 'sound': False, 'finding': str(error)}
    if known:
        return {'name': name, 'sound': True, 'finding': 'sound, as published'}
    digest = models.sha256(models.installed(name))
    finding = f'nobody published its SHA-256; that of this file is {digest}'
    return {'name': name, 'sound': True, 'finding': finding}


def _shipped() -> dict:
    try:
        path = models.shipped()
    except ModelError:
        path = None
    return {
        'name': 'fastsam-n',
        'kind': 'segment',
        'licence': 'AGPL-3.0',
        'size': path.stat().st_size if path else None,
        'path': str(path) if path else None,
    }


def _published(name: str) -> dict:
    model = models.lookup(name)
    path = models.installed(name)
    return {
        'name': model.name,
        'kind': model.kind,
        'licence': model.licence,
        'size': model.size,
        'path': str(path) if path else None,
    }
