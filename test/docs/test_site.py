# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The documentation's site builds without a warning and has what one looks for."""

from pathlib import Path
import re
import subprocess
import sys

import pytest

pytest.importorskip('sphinx', reason='Sphinx is not installed')
PARAMETERS = pytest.importorskip(
    'fastsam_ros.ros.parameters', reason='the table of parameters needs ROS').PARAMETERS
ROOT = Path(__file__).parents[2]
DOCS = ROOT / 'docs'


@pytest.fixture(scope='module')
def site(tmp_path_factory) -> Path:
    """The folder of the built pages; a warning, such as a link to nowhere, is an error."""
    folder = tmp_path_factory.mktemp('site')
    done = subprocess.run(
        [sys.executable, '-m', 'sphinx', '-q', '-W', '--keep-going', '-d', str(folder / 'trees'),
         str(DOCS), str(folder / 'html')], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / 'html'


def words_of(page: Path) -> str:
    return re.sub(r'<[^>]+>', '', page.read_text())


def test_parameters_messages_and_files_of_the_repository_have_pages(site):
    parameters = words_of(site / 'generated' / 'parameters.html')
    assert [p.name for p in PARAMETERS if p.name not in parameters] == []
    assert all(p.expected() in parameters for p in PARAMETERS if p.low is not None)
    interfaces = words_of(site / 'generated' / 'interfaces.html')
    files = [*ROOT.glob('msg/*.msg'), *ROOT.glob('srv/*.srv')]
    names = [f'fastsam_ros/{file.parent.name}/{file.stem}' for file in files]
    assert [name for name in names if name not in interfaces] == []
    for field in ('prompt_id', 'selection', 'cleared'):
        assert field in interfaces
    assert 'Changelog' in words_of(site / 'generated' / 'changelog.html')


def test_the_python_interface_is_described(site):
    page = words_of(site / 'reference' / 'python.html')
    for name in ('FastSam', 'Scene', 'prompt(', 'RunLengths', 'masks('):
        assert name in page


@pytest.mark.parametrize('wish, name, page', [
    ('two cameras', 'images:=', 'how_to/cameras.md'),
    ("a detector's boxes", 'boxes', 'how_to/detectors.md'),
    ('follow a cup', 'keep: true', 'how_to/following.md'),
    ('MoveIt', 'depth_outside/image', 'how_to/depth.md'),
    ('Jetson', '.engine', 'how_to/jetson.md')])
def test_the_first_page_leads_to_what_people_come_for(wish, name, page):
    row, = [line for line in (DOCS / 'welcome.md').read_text().splitlines()
            if line.startswith('|') and wish in line]
    assert name in row and f'({page})' in row
    assert (DOCS / page).is_file()


def test_every_page_is_in_the_table_of_contents():
    text = (DOCS / 'index.rst').read_text()
    pages = [page.relative_to(DOCS) for page in DOCS.rglob('*.md')]
    listed = [p for p in pages if str(p.with_suffix('')) in text or p.parts[0] == 'benchmark']
    ignored = {'welcome.md'}
    assert [str(p) for p in pages if p not in listed and str(p) not in ignored] == []
