# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A person at the page: where things are on the screen, and what colour they have there."""

from __future__ import annotations

import os
from pathlib import Path
import signal
import subprocess
import sys
from threading import Condition, Thread

import cv2
import numpy as np

PATIENCE = 90.0  # seconds; what is waited for comes in milliseconds, but a machine may be busy
START = 120.0  # seconds; the network is compiled for the machine
TRIES = 50
HAS_SEGMENTS = "() => /^[1-9]/.test(document.getElementById('count').textContent)"
FOLDER = Path(__file__).parent
UNTIL = """([argument, patience]) => new Promise((resolve) => {
  const holds = %s;
  const end = performance.now() + patience;
  const look = () => {
    if (holds(argument)) resolve(true);
    else if (performance.now() > end) resolve(false);
    else setTimeout(look, 20); // not a frame: a hidden page has none
  };
  look();
})"""


class Process:
    """
    A program of the package, in a process of its own; what it says is read as it comes.

    :param words: arguments of Python
    """

    def __init__(self, *words: object) -> None:
        command = [sys.executable, *map(str, words)]
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, 'PYTHONUNBUFFERED': '1'})
        self._lines: list[str] = []
        self._over = False
        self._changed = Condition()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, words: str) -> str:
        """The first line of its output that holds the words; it is ended when none comes."""
        def find():
            return next((line for line in self._lines if words in line), None)

        with self._changed:
            self._changed.wait_for(lambda: self._over or find(), START)
            line = find()
        if line is None:
            self._process.kill()
            raise AssertionError(f'{words!r} was never said:\n{"".join(self._lines)}')
        return line.strip()

    def stop(self) -> int:
        """End it as Ctrl-C does; its exit status."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(PATIENCE)
        finally:
            self._process.kill()  # which does nothing to one that has ended
            self._reader.join(PATIENCE)

    def _read(self) -> None:
        for line in self._process.stdout:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()


class Person:
    """
    Somebody who uses the page.

    :param page: of Playwright
    :param size: of the camera's picture: width, height
    """

    def __init__(self, page, size: tuple[int, int]) -> None:
        self.page, self._size = page, size
        page.set_default_timeout(1000 * PATIENCE)
        self.errors: list[str] = []
        page.on('pageerror', lambda error: self.errors.append(str(error)))

    def open(self, url: str) -> Person:
        """Go to the page and wait for a frame with segments."""
        self.page.goto(url)
        self.page.wait_for_selector('#frame:not([hidden])')
        self.until(HAS_SEGMENTS)
        return self

    def until(self, condition: str, argument: object = None) -> None:
        """Wait until a JavaScript function of the argument holds in the page."""
        assert self.holds(condition, argument, PATIENCE), condition

    def holds(self, condition: str, argument: object = None, patience: float = 0.0) -> bool:
        """Whether it does, or comes to within some seconds."""
        # Not wait_for_function: that evaluates strings, which the page's own policy forbids.
        return self.page.evaluate(UNTIL % condition, [argument, 1000 * patience])

    def hold(self, condition: str = HAS_SEGMENTS) -> None:
        """Pause on a frame for which a condition holds, so that the picture stays as it is."""
        for _ in range(TRIES):
            self.until(condition)
            self.page.click('#pause')
            self.page.mouse.move(1, 1)
            if self.holds(condition):
                return
            self.page.click('#pause')  # another frame came in between
        raise AssertionError(condition)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where a pixel of the picture is on the screen."""
        box = self.page.locator('#frame').bounding_box()
        width, height = self._size
        return (
            box['x'] + (x + 0.5) / width * box['width'],
            box['y'] + (y + 0.5) / height * box['height'])

    def click(self, x: int, y: int, *keys: str) -> None:
        """Click on a pixel while keys are held down."""
        for key in keys:
            self.page.keyboard.down(key)
        self.page.mouse.click(*self.place(x, y))
        for key in keys:
            self.page.keyboard.up(key)

    def drag(self, x0: int, y0: int, x1: int, y1: int) -> None:
        """Draw a box from pixel to pixel."""
        self.page.mouse.move(*self.place(x0, y0))
        self.page.mouse.down()
        self.page.mouse.move(*self.place((x0 + x1) / 2, (y0 + y1) / 2))
        self.page.mouse.move(*self.place(x1, y1))
        self.page.mouse.up()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def answered(self) -> list[str]:
        """Wait for the answer at hand; its rows."""
        self.until("""() => document.getElementById('answer').getAttribute('aria-busy') === 'false'
          && !document.getElementById('answer').hidden""")
        self.page.mouse.move(1, 1)  # off the picture, so that nothing is highlighted
        return self.page.locator('#matches li').all_inner_texts()

    def text(self, selector: str) -> str:
        return self.page.locator(selector).inner_text()

    def look(self, path: Path | None = None) -> np.ndarray:
        """A screenshot, (H, W, 3) uint8 RGB."""
        self.until("() => document.getElementById('frame').ariaBusy !== 'true'")
        data = self.page.screenshot(path=path)
        return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]

    def colour_at(self, *places: tuple[int, int]) -> np.ndarray:
        """What the screen shows at pixels of the picture: (N, 3) int RGB."""
        shot = self.look()
        spots = [self.place(*place) for place in places]
        return np.array([shot[int(y), int(x)] for x, y in spots]).astype(int)

    def swatch(
        self, selector: str = '#matches .swatch', name: str = 'backgroundColor'
    ) -> np.ndarray:
        """The colour of an answer in the list: (3,) int RGB."""
        style = self.page.locator(selector).first.evaluate(
            '(element, name) => getComputedStyle(element)[name]', name)
        return np.array([int(word) for word in style[4:-1].replace(',', ' ').split()])
