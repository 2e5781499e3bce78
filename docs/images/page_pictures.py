# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The page's pictures and the README's moving one, by `fastsam page` on scikit-image's photographs.

    python docs/images/page_pictures.py

Needs Chromium and playwright, as the tests do.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile

import cv2
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
import skimage

FOLDER = Path(__file__).parent
PHOTOGRAPHS = {'motorcycle': 'motorcycle_left.png', 'coffee': 'coffee.png', 'rocket': 'rocket.jpg'}
WIDTH = 1100  # of the photographs, pixels
WINDOW = {'width': 1280, 'height': 780}
PHONE = {'width': 390, 'height': 844}
MOVIE = (960, 585)  # pixels of the moving picture
SHOWN = 1400  # milliseconds a frame
# What is done one after the other, in shares of the picture, and seen in the moving picture.
STEPS = (
    ('motorcycle.jpg', 'move', (0.5, 0.6)), ('', 'click', (0.5, 0.6)), ('', 'keep', 'motorcycle'),
    ('rocket.jpg', 'move', (0.5, 0.5)), ('', 'click', (0.5, 0.7)), ('', 'everything', None),
)


def enlarge(folder: Path) -> list[str]:
    """The photographs as large as a camera's, as files of a folder."""
    data, files = Path(skimage.__file__).with_name('data'), []
    for name, source in PHOTOGRAPHS.items():
        picture = cv2.imread(str(data / source))
        scale = WIDTH / picture.shape[1]
        file = folder / f'{name}.jpg'
        cv2.imwrite(str(file), cv2.resize(
            picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC))
        files.append(str(file))
    return files


def act(page: Page, what: str, how: object) -> None:
    """Do one thing and wait until it can be seen."""
    if what == 'keep':
        page.fill('#name', str(how))
        page.click('#keep')
        page.wait_for_selector('#kept li')
    elif what == 'everything':
        page.keyboard.press('Escape')
    else:
        box = page.locator('#frame').bounding_box()
        place = (box['x'] + how[0] * box['width'], box['y'] + how[1] * box['height'])
        getattr(page.mouse, what)(*place)
    page.wait_for_timeout(1200)


def film(page: Page) -> list[bytes]:
    """Screenshots after each step."""
    shots = []
    for camera, what, how in STEPS:
        if camera:
            page.select_option('#camera', camera)
            page.wait_for_timeout(2500)
            shots.append(page.screenshot())
        act(page, what, how)
        shots.append(page.screenshot())
    return shots


def hold_phones(chromium: Browser, url: str) -> list[bytes]:
    """Screenshots of phones, light and dark, after a tap on a cup."""
    shots = []
    for scheme in ('light', 'dark'):
        page = chromium.new_page(
            viewport=PHONE, color_scheme=scheme, device_scale_factor=2, is_mobile=True,
            has_touch=True)
        page.goto(url)
        page.wait_for_selector('#frame:not([hidden])')
        page.select_option('#camera', 'coffee.jpg')
        page.wait_for_timeout(2500)
        act(page, 'click', (0.5, 0.5))
        shots.append(page.screenshot())
        page.close()
    return shots


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures of one size in one."""
    whole = Image.new('RGB', (2 * left.width, left.height))
    whole.paste(left, (0, 0))
    whole.paste(right, (left.width, 0))
    return whole


def main() -> None:
    """Make all of them."""
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            [sys.executable, '-m', 'fastsam_ros.cli.app', 'page', *enlarge(Path(folder)),
             '--port', '0', '--confidence', '0.3'], stdout=subprocess.PIPE, text=True)
        try:
            url = next(line for line in server.stdout if 'Open http' in line).split()[1]
            with sync_playwright() as playwright:
                chromium = playwright.chromium.launch(
                    executable_path=shutil.which('chromium'), args=['--no-sandbox'])
                page = chromium.new_page(viewport=WINDOW, color_scheme='dark')
                page.goto(url)
                page.wait_for_selector('#frame:not([hidden])')
                shots = film(page)
                phones = hold_phones(chromium, url)
        finally:
            server.terminate()
            server.wait()
    frames = [Image.open(BytesIO(shot)).convert('RGB') for shot in shots]
    small = [frame.resize(MOVIE, Image.LANCZOS) for frame in frames]
    small[0].save(FOLDER / 'page.webp', save_all=True, append_images=small[1:], duration=SHOWN,
                  loop=0, quality=80, method=6)
    beside(*(Image.open(BytesIO(shot)).convert('RGB') for shot in phones)).save(
        FOLDER / 'page-phones.webp', quality=80, method=6)
    frames[3].quantize(256).save(FOLDER / 'web.png', optimize=True)


if __name__ == '__main__':
    main()
