# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the documents say of the package, against the package."""

from __future__ import annotations

from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / 'README.md'
MADE = {'generated', '_build'}  # with the site
LINKING = [README, *sorted(
    page for page in (ROOT / 'docs').rglob('*.md') if not MADE & set(page.parts))]
WRITTEN = [*LINKING, *sorted((ROOT / 'fastsam_ros' / 'models').glob('*.md'))]


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


def read_rows() -> list[list[str]]:
    """The cells of the table of parameters, without its head."""
    section = README.read_text().split('\n## Parameters\n')[1].split('\n## ')[0]
    lines = [line for line in section.splitlines() if line.startswith('|')]
    return [[cell.strip() for cell in line.split('|')[1:4]] for line in lines[2:]]


def test_the_table_of_parameters_is_that_of_the_node():
    parameters = pytest.importorskip(
        'fastsam_ros.ros.parameters', reason='the node needs ROS').PARAMETERS
    rows = {name.strip('`'): (yaml.safe_load(default.strip('`')), live)
            for name, default, live in read_rows()}
    assert rows == {p.name: (p.default, '' if p.fixed else 'yes') for p in parameters}
    assert len(rows) == len(read_rows())


def find_links(text: str) -> list[str]:
    """Targets of the links and pictures of a document, without what is code in it."""
    prose = re.sub(r'`[^`\n]*`', '', re.sub(r'^```.*?^```', '', text, flags=re.M | re.S))
    return re.findall(r'\]\(([^)\s]+)\)', prose)


@pytest.mark.parametrize('file', LINKING, ids=name_of)
def test_every_relative_link_leads_to_a_file(file):
    links = find_links(file.read_text())
    relative = [link.split('#')[0] for link in links
                if '://' not in link and not MADE & set(Path(link).parts)]
    assert [link for link in relative if link and not (file.parent / link).is_file()] == []


def test_links_are_found():
    assert find_links('a [b](c.md#d) ![e](f/g.png)\n```\n[h](i)\n```\n`[j](k)`') == [
        'c.md#d', 'f/g.png']
    assert 'docs/reference/text.md' in find_links(README.read_text())


@pytest.mark.parametrize('file', WRITTEN, ids=name_of)
def test_nothing_is_left_to_be_filled_in(file):
    assert re.findall(r'@[A-Z][A-Z0-9_]*@', file.read_text()) == []
