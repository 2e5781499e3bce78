# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam words`: what was taught, and how it is shared."""

from __future__ import annotations

from collections.abc import Sized
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.table import Table
import typer

from fastsam_ros.cli import options
from fastsam_ros.core.errors import OutputError, UnknownWordError, WordsError

if TYPE_CHECKING:
    from fastsam_ros.text.words.example import Example
    from fastsam_ros.text.words.store import Words

app = typer.Typer(no_args_is_help=True, help='List, forget and share words that were taught.')

Word = Annotated[str, typer.Argument(help='As `fastsam words list` shows it.')]


@app.command('list')
def list_words(words: options.Words = '', as_json: options.Json = False) -> None:
    """Show the words, and how many examples each has."""
    store = _open(words)
    rows = [
        {'word': word, 'examples': sum(not e.counter for e in examples),
         'counter_examples': sum(e.counter for e in examples)}
        for word, examples in store.content().items()]
    if as_json:
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not rows:
        print(f'No word was taught yet ({store.path}): see `fastsam teach --help`.')
        return
    table = Table(box=None, pad_edge=False)
    for title in ('word', 'examples', 'counter-examples'):
        table.add_column(title, no_wrap=True)
    for row in rows:
        table.add_row(*map(str, row.values()))
    Console().print(table)


@app.command()
def show(
    word: Word,
    output: Annotated[
        Path | None,
        typer.Option(
            '--output', '-o', metavar='DIR', help='Write the pictures of its examples here.'),
    ] = None,
    words: options.Words = '',
    as_json: options.Json = False,
) -> None:
    """Show the examples of a word."""
    store = _open(words)
    name = store.find(word)
    examples = store.content()[name]
    if output:
        _write(examples, output)
    rows = [
        {'id': e.id, 'counter': e.counter, 'pixels': e.mask.area, 'bytes': len(e.picture),
         'networks': len(e.looks)} for e in examples]
    if as_json:
        print(json.dumps({'word': name, 'examples': rows}, indent=2, ensure_ascii=False))
        return
    for row in rows:
        kind = 'not it' if row['counter'] else 'it'
        print(f'{row["id"]}: {kind}, {row["pixels"]} pixels, known to {row["networks"]} networks')


@app.command()
def forget(word: Word, words: options.Words = '') -> None:
    """Forget a word and its examples."""
    _open(words).forget(word)
    print(f'{word!r} is forgotten')


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help='To write, such as fleet.zip.')],
    chosen: Annotated[
        list[str] | None, typer.Argument(metavar='[WORD]...', help='These alone; else all.')
    ] = None,
    words: options.Words = '',
) -> None:
    """Write words with their examples to a file, for other robots."""
    from fastsam_ros.text.words import file as files

    if os.path.lexists(file):
        raise OutputError(f'{file} is there already: name another file, or move that away')
    store = _open(words)
    content, names = store.content(), [store.find(word) for word in chosen or ()]
    content = {name: content[name] for name in names or content}
    if not content:
        raise UnknownWordError(f'no word was taught yet ({store.path}), so there is none to write')
    files.write(file, content)
    print(f'{_counted(content)} in {file}')


@app.command('import')
def import_words(
    file: Annotated[Path, typer.Argument(help='That `fastsam words export` wrote.')],
    words: options.Words = '',
    model: options.Model = '',
    trust: options.Trust = False,
) -> None:
    """
    Add the words of a file to those that are known; examples of the same word add up.

    Words that were taught with another network are learned again by this one from their pictures.
    """
    from fastsam_ros.text.words import file as files

    if not file.is_file():
        raise WordsError(f'there is no file {file}')
    content = files.read(file)
    _open(words).merge(content)
    options.load(model, trust, words=words)  # which learns what it does not know
    print(f'{_counted(content)} of {file} known now')


def _open(path: str) -> Words:
    from fastsam_ros.text.words.store import Words

    return Words(path)


def _counted(content: Sized) -> str:
    return f'{len(content)} word{"s"[: len(content) != 1]}'


def _write(examples: tuple[Example, ...], folder: Path) -> None:
    from fastsam_ros.media.atomic_files import replacing

    for example in examples:
        with replacing(folder / f'{example.id}.jpg') as temporary:
            temporary.write_bytes(example.picture)
