# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Pages that are made from what they tell of: parameters, messages, and files outside of docs/.

They are written to docs/generated/, which is not kept.
"""

from __future__ import annotations

from collections.abc import Iterable
import os
from pathlib import Path
import re
import sys

DOCS = Path(__file__).resolve().parent
# rosdoc2 builds a copy of docs/, and has the package's folder among Python's.
ROOT = next(folder for folder in (DOCS.parent, *map(Path, sys.path))
            if (folder / 'package.xml').is_file() and (folder / 'docs').is_dir())
GENERATED = Path('generated')  # below docs/
FIELD = re.compile(r'(?P<type>\S+)\s+(?P<name>\w+)(?:=(?P<value>\d+))?\s+# (?P<what>.+)')
LINK = re.compile(r'(!?)\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)')

# Files outside of docs/ that have a page, and its name.
SHOWN = {
    'README.md': 'readme.md', 'CONTRIBUTING.md': 'contributing.md',
    'CHANGELOG.rst': 'changelog.rst', 'SECURITY.md': 'security.md',
    'QUALITY_DECLARATION.md': 'quality_declaration.md', 'training/README.md': 'training.md',
    'examples/README.md': 'examples.md', 'fastsam_ros/models/fastsam-n.md': 'model_card.md'}


def write() -> None:
    """Write the pages; what is as it should be stays untouched, so that a build does no more."""
    (DOCS / GENERATED).mkdir(exist_ok=True)
    pages = {'parameters.md': parameters(), 'interfaces.md': interfaces()}
    for name, page in SHOWN.items():
        pages[page] = lead_links((ROOT / name).read_text(), Path(name), GENERATED)
    for name, text in pages.items():
        file = DOCS / GENERATED / name
        if not file.is_file() or file.read_text() != text:
            file.write_text(text)


def lead_links(text: str, file: Path, folder: Path) -> str:
    """
    Lead a document's relative links to pages of the site; where there is none, the words stay.

    :param file: that the document is, below the package's folder; its links begin there
    :param folder: of its page, below docs/
    """
    def lead(match: re.Match) -> str:
        image, words, target, anchor = match.groups()
        path = Path(os.path.normpath(file.parent / target))
        if str(path) in SHOWN:
            path = GENERATED / SHOWN[str(path)]
        elif path.parts[0] == 'docs':
            path = path.relative_to('docs')
        else:
            return words
        return f'{image}[{words}]({os.path.relpath(path, folder)}{anchor or ""})'

    # Alternately prose and code.
    parts = re.split(r'(^```.*?^```|^    .*?$|`[^`\n]*`)', text, flags=re.M | re.S)
    return ''.join(part if i % 2 else LINK.sub(lead, part) for i, part in enumerate(parts))


def parameters() -> str:
    """Make the page of the node's parameters from their one declaration."""
    try:
        from fastsam_ros.ros.parameters import PARAMETERS
    except ModuleNotFoundError:  # no ROS here: the file repeats them, with the same defaults
        file = (ROOT / 'config' / 'fastsam.yaml').read_text()
        return f'# Parameters\n\n```yaml\n{file}```\n'
    rows = [
        (f'`{p.name}`', f'`{_yaml(p.default)}`', '' if p.fixed else 'yes', p.expected(),
         p.description)
        for p in PARAMETERS]
    return '\n'.join([
        '# Parameters', '',
        '*Live* ones change at run time: `ros2 param set /fastsam confidence 0.3`. A value that',
        'is not allowed is refused in words, and the old one stays. All others are read when the',
        'node is configured. `config/fastsam.yaml` has them all, with longer comments.', '',
        *_table(('name', 'default', 'live', 'values', 'what'), rows), ''])


def interfaces() -> str:
    """Make the page of messages and services from msg/ and srv/."""
    parts = ['# Messages and services', '']
    for file in sorted([*ROOT.glob('msg/*.msg'), *ROOT.glob('srv/*.srv')]):
        parts += [f'## fastsam_ros/{file.parent.name}/{file.stem}', '']
        parts += _interface(file.read_text())
    return '\n'.join(parts)


def _interface(text: str) -> Iterable[str]:
    """What stands at the head, then a table of a message or one each of request and response."""
    sections = text.split('\n---\n')
    head = [line[2:] for line in text.split('\n\n')[0].splitlines() if line.startswith('#')]
    # Comments that hold code keep their lines.
    yield from ['```text', *head, '```', ''] if any(line[:2] == '  ' for line in head) else [
        *head, '']
    for title, section in zip(('Request', 'Response'), sections, strict=False):
        if len(sections) > 1:
            yield from [f'**{title}**', '']
        fields = [match for match in map(FIELD.match, section.splitlines()) if match]
        yield from _table(('type', 'field', 'what'), (
            (f'`{field["type"]}`', f'`{field["name"]}`' + _constant(field), field['what'])
            for field in fields))
        yield ''


def _constant(field: re.Match) -> str:
    return f' = {field["value"]}' if field['value'] else ''


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [head, tuple('---' for _ in head), *rows]
    return [f'| {" | ".join(cell.replace("|", "&#124;") for cell in line)} |' for line in lines]


def _yaml(value: object) -> str:
    """A value as one writes it in a file of parameters."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if value != '' else "''"
