# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The documentation's site: `make docs` builds it into docs/_build/html, without a warning."""

from __future__ import annotations

from pathlib import Path
import re
import sys

DOCS = Path(__file__).resolve().parent
sys.path[:0] = [str(DOCS.parent), str(DOCS)]
import generated_pages

project = 'fastsam_ros'
author = copyright = 'the fastsam_ros authors'
manifest = (generated_pages.ROOT / 'package.xml').read_text()
release = version = re.search(r'<version>(.+)</version>', manifest)[1]

extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinxcontrib.mermaid']
myst_fence_as_directive = ['mermaid']  # GitHub draws these blocks as well
exclude_patterns = ['_build', 'welcome.md']
html_theme = 'furo'
html_title = f'fastsam_ros {release}'
myst_heading_anchors = 4
suppress_warnings = [
    'myst.header',  # tables of the benchmark begin below a page's title
]
autodoc_typehints = 'description'
autodoc_member_order = 'bysource'
linkcheck_ignore = [
    r'http://(localhost|127\.0\.0\.1|ROBOT)\b.*',
    r'https://index\.ros\.org/p/fastsam_ros/.*',  # from the first release on
]


def lead_links(app, name: str, source: list[str]) -> None:
    """Lead links that leave docs/ to the pages of those files."""
    page = Path(name)
    if page.parent != generated_pages.GENERATED:
        source[0] = generated_pages.lead_links(source[0], Path('docs') / page, page.parent)


def setup(app) -> None:
    """Write the pages that are made before the others are read."""
    app.connect('config-inited', lambda app, config: generated_pages.write())
    app.connect('source-read', lead_links)
