# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
What a frame costs the page's main thread, in headless Chromium.

    python -m benchmark.page [--frames 200] [--segments 100] [--rate 30]

Frames of 1920x1080 with that many segments go to the page one after the other; the browser says
how long its main thread had to do for each: the socket, decoding, masks and painting are workers'.
Then they come at a camera's rate, and the browser counts how often it could draw meanwhile, as for
a pointer that moves, and how many of them it painted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import statistics
from threading import Event, Thread

import cv2
import numpy as np
from playwright.sync_api import sync_playwright
import psutil
import uvicorn

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.application import make_application
from fastsam_ros.web.local.scenes import segment
from fastsam_ros.web.session import packets
from fastsam_ros.web.session.clients import Packet
from fastsam_ros.web.session.hub import Hub
from fastsam_ros.web.session.jpeg import to_jpeg

SIZE = 1920, 1080
WARM_UP = 10  # frames
PATIENCE = 60_000  # milliseconds
SHOWN = """stamp => new Promise((resolve) => {
  const [text, frame] = [document.getElementById('stamp'), document.getElementById('frame')];
  const observer = new MutationObserver(() => {
    if (frame.ariaBusy === 'true' || text.textContent !== stamp) return;
    observer.disconnect();
    resolve();
  });
  observer.observe(text, { childList: true, characterData: true, subtree: true });
  observer.observe(frame, { attributes: true });
})"""
COUNTING = """(() => {
  const { Worker: Plain } = window;
  window.painted = 0;
  window.Worker = class extends Plain {
    constructor(...words) {
      super(...words);
      this.addEventListener('message', ({ data }) => { if (data.painted) window.painted += 1; });
    }
  };
})()"""
FLOW = """seconds => new Promise((resolve) => {
  const before = window.painted;
  let drawn = 0;
  const tick = () => {
    drawn += 1;
    requestAnimationFrame(tick);
  };
  tick();
  setTimeout(() => resolve([drawn, window.painted - before]), 1000 * seconds);
})"""
NOTHING = '() => new Promise((resolve) => { setTimeout(resolve, 1); })'


class Camera:
    """Frames of one camera, all alike but for their stamps."""

    def __init__(self, segments: int) -> None:
        self.deliver = lambda packet: None
        self.looked_at = Event()
        rng = np.random.default_rng(0)
        noise = rng.integers(0, 256, (SIZE[1] // 16, SIZE[0] // 16, 3), np.uint8)
        self._picture = to_jpeg(cv2.resize(noise, SIZE, interpolation=cv2.INTER_CUBIC))
        self._table, self._counts = packets.columns(
            segment(RunLengths.from_mask(_blob(rng)), n, 0.9) for n in range(1, segments + 1))

    def watch(self, cameras: set[str], smooth: frozenset[str] = frozenset()) -> None:
        """Somebody looks, or nobody."""
        if cameras:
            self.looked_at.set()

    def state(self) -> dict:
        """A node with one camera."""
        return {'node': True, 'name': 'benchmark', 'message': '', 'kept': [], 'cameras': [
            {'name': '', 'topic': '/image', 'publishers': 1}]}

    def show(self, number: int) -> str:
        """Send a frame; what the page shows as its stamp."""
        header = {
            'kind': 'frame', 'camera': '', 'stamp': (number, 0), 'width': SIZE[0],
            'height': SIZE[1], 'age': 1.0, 'media': 'image/jpeg', 'segments': self._table}
        data = packets.pack(header, self._counts, self._picture)
        self.deliver(Packet('frame', '', (number, 0), data))
        return f'{number}.000000000'


def _blob(rng: np.random.Generator) -> np.ndarray:
    """A wavy mask of a thing's size."""
    angles = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    radius = rng.uniform(40, 260) * (1 + 0.2 * np.sin(rng.integers(2, 9) * angles))
    centre = rng.uniform((0, 0), SIZE)
    points = centre + radius[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    mask = np.zeros(SIZE[::-1], np.uint8)
    cv2.fillPoly(mask, [points.round().astype(np.int32)], 1)
    return mask.astype(bool)


def serve(camera: Camera) -> tuple[uvicorn.Server, str]:
    """A server of the page in a thread, and its address."""
    listener = socket.create_server(('127.0.0.1', 0))
    hub = Hub(camera)
    camera.deliver = hub.deliver
    server = uvicorn.Server(uvicorn.Config(
        make_application(hub), log_level='warning', ws_per_message_deflate=False))
    Thread(target=server.run, kwargs={'sockets': [listener]}, daemon=True).start()
    return server, f'http://127.0.0.1:{listener.getsockname()[1]}/'


def measure(page, camera: Camera, frames: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the main thread for each frame: on the processor, and by the clock."""
    session = page.context.new_cdp_session(page)
    session.send('Performance.enable')

    def now() -> np.ndarray:
        values = {one['name']: one['value']
                  for one in session.send('Performance.getMetrics')['metrics']}
        return 1000 * np.array([values['ThreadTime'], values['TaskDuration']])

    assert camera.looked_at.wait(PATIENCE / 1000)
    spent = []
    for number in range(1, frames + WARM_UP + 1):
        times = [now()]
        page.evaluate(NOTHING)  # what the question itself costs
        times.append(now())
        page.evaluate(SHOWN, camera.show(number))
        times.append(now())
        asking, shown = np.diff(times, axis=0)
        spent.append(shown - asking)
    processor, clock = np.array(spent[WARM_UP:]).T
    return processor.tolist(), clock.tolist()


def flow(page, camera: Camera, first: int, rate: float, seconds: float) -> tuple[int, int, float]:
    """How often the page drew, how many frames it painted, and seconds of processors for that."""
    over = Event()

    def send() -> None:
        for number in range(first, first + int(seconds * rate) + WARM_UP):
            camera.show(number)
            if over.wait(1 / rate):
                return

    sender = Thread(target=send)
    before = spent()
    sender.start()
    drawn, painted = page.evaluate(FLOW, seconds)
    after = spent()
    over.set()
    sender.join()
    return drawn, painted, after - before


def spent() -> float:
    """Seconds of processors that this process and those below it have had."""
    me = psutil.Process()
    times = [one.cpu_times() for one in (me, *me.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def main() -> None:
    """Print median and 90th percentile, and rates."""
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[1])
    parser.add_argument('--frames', type=int, default=200)
    parser.add_argument('--segments', type=int, default=100)
    parser.add_argument('--seconds', type=float, default=5.0)
    parser.add_argument('--rate', type=float, default=30.0, help='frames a second of the camera')
    options = parser.parse_args()
    camera = Camera(options.segments)
    server, address = serve(camera)
    path = os.environ.get('CHROMIUM') or shutil.which('chromium')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=['--no-sandbox'])
        page = browser.new_page(viewport={'width': 1400, 'height': 900})
        page.set_default_timeout(PATIENCE)
        page.add_init_script(COUNTING)
        page.goto(address)
        for name, times in zip(('processor', 'clock'), measure(page, camera, options.frames)):
            tenth = statistics.quantiles(times, n=10)[-1]
            print(f'main thread a frame, {name}: median {statistics.median(times):.1f} ms, '
                  f'90th percentile {tenth:.1f} ms')
        drawn, painted, cpu = flow(
            page, camera, options.frames + 2 * WARM_UP, options.rate, options.seconds)
        print(f'at {options.rate:.0f} frames a second the page drew '
              f'{drawn / options.seconds:.0f} times a second and painted '
              f'{painted / options.seconds:.0f} frames, each for '
              f'{1000 * cpu / painted:.0f} ms of processors')
        browser.close()
    server.should_exit = True


if __name__ == '__main__':
    main()
