# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A screenshot of the page for the README: the real node, the model that ships, a real photograph.

    python test/web/take_picture.py [--output docs/images/web.png]

Run it in the environment of the tests, as `. scripts/env.sh` gives it.
"""

from __future__ import annotations

import argparse
from io import BytesIO
import os
from pathlib import Path
import shutil
import sys
import tempfile

import cv2
import numpy as np
from page import FOLDER, Person, Process
from PIL import Image
from playwright.sync_api import sync_playwright
import skimage.data

WINDOW = {'width': 1280, 'height': 760}
COLOURS, ACCENTS = 216, 40  # of the file: a third of its size, and hardly a difference to see
FAR = 40  # levels: colours that the common ones miss, as those of a mark or a swatch


def main() -> None:
    """Take it."""
    options = _parse()
    path = Path(options.picture)
    if not path.exists():
        path = next(Path(skimage.data.__file__).parent.glob(f'{options.picture}.*'))
    picture = cv2.imread(str(path))
    scale = options.width / picture.shape[1]
    picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    os.environ.setdefault('ROS_DOMAIN_ID', str(os.getpid() % 100 + 1))
    with tempfile.TemporaryDirectory() as folder:
        shown = Path(folder) / 'picture.png'
        cv2.imwrite(str(shown), picture)
        data = _take(shown, picture.shape[1::-1], options)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    _with_few_colours(Image.open(BytesIO(data)).convert('RGB')).save(options.output, optimize=True)
    print(f'{options.output}: {options.output.stat().st_size / 1000:.0f} kB')


def _with_few_colours(image: Image.Image) -> Image.Image:
    """Common colours, and on top of them those of small things that stand out."""
    common = image.quantize(COLOURS)
    error = np.abs(np.asarray(image).astype(int) - np.asarray(common.convert('RGB'))).max(axis=2)
    missed = np.asarray(image)[error > FAR]
    accents = Image.fromarray(missed[None]).quantize(ACCENTS).getpalette()[: 3 * ACCENTS]
    palette = Image.new('P', (1, 1))
    palette.putpalette(common.getpalette()[: 3 * COLOURS] + accents)
    return image.quantize(palette=palette)


def _take(shown: Path, size: tuple[int, int], options: argparse.Namespace) -> bytes:
    model = ['-p', f'model:={options.model}'] if options.model else []
    robot = Process(
        FOLDER / 'robot.py', shown, '--ros-args', '-p', f'confidence:={options.confidence}',
        *model)
    robot.wait_for('active')
    server = Process('-m', 'fastsam_ros.web', '--port', '0')
    url = server.wait_for('Open http').split()[1]
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which('chromium'), args=['--no-sandbox'])
            page = chromium.new_page(viewport=WINDOW, color_scheme=options.scheme)
            return _ask(Person(page, size).open(url), size, options)
    finally:
        server.stop()
        robot.stop()


def _ask(person: Person, size: tuple[int, int], options: argparse.Namespace) -> bytes:
    """Keep some points, then ask one more, and photograph that."""
    *kept, last = [[float(word) for word in place.split(',')] for place in options.point]
    for number, (x, y) in enumerate(kept, 1):
        person.click(round(x * size[0]), round(y * size[1]))
        person.answered()
        asked = person.text('#stamp')
        person.page.click('#keep')
        person.until('n => document.querySelectorAll("#kept li").length === n', number)
        person.until("asked => document.getElementById('stamp').textContent !== asked", asked)
    if last[0] >= 0:
        person.click(round(last[0] * size[0]), round(last[1] * size[1]))
        person.answered()
    person.page.mouse.move(1, 1)
    return person.page.screenshot()


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split('\n\n')[0])
    add = parser.add_argument
    add('--output', type=Path, default=Path('docs/images/web.png'))
    add('--picture', default='rocket', help='a file, or a name that scikit-image ships')
    add('--width', type=int, default=960, help='of the camera, pixels')
    add('--point', action='append',
        help='x,y from 0 to 1; all but the last are kept; -1,-1 for none')
    add('--model', default='')
    add('--confidence', type=float, default=0.4)
    add('--scheme', choices=('dark', 'light'), default='dark')
    options = parser.parse_args()
    options.point = options.point or ['0.3,0.6', '0.5,0.5']
    return options


if __name__ == '__main__':
    sys.exit(main())
