# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
The demo: node, demo camera and web page, some prompts, and figures as they come.

    make demo [DURATION=seconds] [CAMERA=room|0|video|folder] [WEB=0]
    DURATION=20 python -m fastsam_ros.demo.run
"""

from __future__ import annotations

from importlib.util import find_spec
import math
import os
from pathlib import Path
import signal
import socket
import sys
from threading import Event, Thread
import time

from geometry_msgs.msg import Point
import rclpy
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import RegionOfInterest

from fastsam_ros.core.errors import ParameterError
from fastsam_ros.demo.camera import ROOM
from fastsam_ros.demo.client import Client
from fastsam_ros.demo.processes import Processes
from fastsam_ros.msg import Prompt as PromptMessage
from fastsam_ros.ros.topics.dds_profile import make_room

FOLDER = Path('out/demo')
FIRST = 120.0  # seconds until the first result must be there
ANSWER = 60.0  # seconds until a prompt must be answered
PICTURES = 10.0  # seconds between two pictures after the prompts
LINES = 5.0  # seconds between two lines where the output is not a terminal
PORT = 8080
OWN = 'demo-'  # how the ids of the demo's prompts begin, beside those of a person on the page


class Demo:
    """
    One run, until its time is up, somebody presses Ctrl-C, or a part of it fails.

    :param client: who listens to the node and asks it
    :param processes: the parts
    :param duration: of the figures that follow the prompts, seconds; the prompts take their time
    :param over: set when somebody wants the end
    """

    def __init__(self, client: Client, processes: Processes, duration: float, over: Event) -> None:
        self._client, self._processes = client, processes
        self._duration, self._over = duration, over
        self._began = time.monotonic()
        self._printed = 0.0
        self._pictures: list[Path] = []

    def run(self) -> str | None:
        """Everything in its order; what went wrong, in words, or None."""
        if not self._wait_for_results():
            return None if self._over.is_set() else self._processes.ended() or (
                f'no result has come within {FIRST:.0f} s')
        self._began = time.monotonic()
        self._picture('everything')
        for prompt in self._prompts():
            if self.is_over():
                break
            self._show(prompt)
        self._watch()
        return self._processes.ended()

    def is_over(self) -> bool:
        """Whether there is nothing to wait for: somebody wants the end, or a part has ended."""
        return self._over.is_set() or self._processes.ended() is not None

    def summary(self) -> None:
        """What happened, in a few lines."""
        figures, seconds = self._client.figures, time.monotonic() - self._began
        print(f'\n{seconds:.0f} s: {self._client.results} results, '
              f'{self._client.results / seconds:.1f} a second')
        if figures:
            print(f"images received {figures['images received']}, "
                  f"processed {figures['frames processed']}, dropped {figures['frames dropped']}; "
                  f"age of results p50 {figures['age of results p50 [ms]']} ms, "
                  f"p95 {figures['age of results p95 [ms]']} ms")
        if self._pictures:
            names = ', '.join(dict.fromkeys(path.name for path in self._pictures))
            print(f'pictures in {FOLDER.resolve()}: {names}')

    def _wait_for_results(self) -> bool:
        """Until results and figures about them come; False: no result has."""
        until = time.monotonic() + FIRST
        while not (self._client.results and self._client.figures) and time.monotonic() < until:
            if self._over.wait(0.1) or self._processes.ended():
                return False
        return self._client.results > 0

    def _watch(self) -> None:
        """Figures as they come, and now and then a picture, until the time is up."""
        began = latest = time.monotonic()
        while time.monotonic() - began < self._duration and not self.is_over():
            self._line()
            if time.monotonic() - latest > PICTURES:
                self._picture('latest')
                latest = time.monotonic()

    def _prompts(self) -> list[PromptMessage]:
        width, height = self._client.size
        middle = Point(x=width / 2, y=height / 2)
        box = RegionOfInterest(
            x_offset=width // 4, y_offset=height // 4, width=width // 2, height=height // 2)
        return [
            PromptMessage(id=f'{OWN}point', points=[middle]),
            PromptMessage(id=f'{OWN}box', box=box),
            PromptMessage(
                id=f'{OWN}all-under-three-points', selection=PromptMessage.ALL,
                points=[Point(x=width * share, y=height / 2) for share in (0.25, 0.5, 0.75)]),
        ]

    def _show(self, prompt: PromptMessage) -> None:
        """Ask and keep it, take a picture while it stands, and end it, and no prompt but it."""
        name = prompt.id.removeprefix(OWN)
        text, took = self._client.ask(prompt, True, ANSWER)
        self._say(f'prompt {name}: {text}, answered in {took:.0f} ms')
        self._over.wait(1.0)
        self._picture(name)
        self._client.clear([prompt.id], ANSWER)

    def _picture(self, name: str) -> None:
        path = FOLDER / f'{name}.png'
        if self._client.take_overlay(path, ANSWER):
            self._pictures.append(path)

    def _line(self) -> None:
        self._client.news.wait(0.2)
        if not self._client.news.is_set():
            return
        self._client.news.clear()
        figures = self._client.figures
        line = (
            f"in {figures['images in [1/s]']}/s  out {figures['results out [1/s]']}/s  "
            f"age {figures['age of results p50 [ms]']} ms (p95 "
            f"{figures['age of results p95 [ms]']})  dropped {figures['frames dropped']}  "
            f"segments {self._client.segments}")
        if sys.stdout.isatty():
            print(f'\r{line:<99}', end='', flush=True)
        elif time.monotonic() - self._printed > LINES:
            self._printed = time.monotonic()
            print(line, flush=True)

    def _say(self, text: str) -> None:
        print(f'\r{text:<99}' if sys.stdout.isatty() else text, flush=True)


def start(processes: Processes) -> None:
    """Start the node, the camera and, where it can be had, the web page."""
    source = os.environ.get('CAMERA', '')
    depth = ('--ros-args', '-p', 'depth:=true') if source == ROOM else ()
    processes.start('the node', 'fastsam_ros.ros.node', *depth)
    processes.start(
        'the demo camera', 'fastsam_ros.demo.camera', '--ros-args', '-p',
        f'source:={quoted(source)}')
    if os.environ.get('WEB', '1') in ('0', 'false', 'no'):
        return
    if find_spec('fastapi') and find_spec('uvicorn'):
        processes.start('the web page', 'fastsam_ros.web', '--port', str(free_port()))
    else:
        print('no web page: it needs fastapi and uvicorn', flush=True)


def quoted(text: str) -> str:
    """A text as a value of --ros-args -p."""
    return "'" + text.replace("'", "''") + "'"


def free_port() -> int:
    """The usual port, or 0 for any that is free when somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', PORT))
        except OSError:
            return 0
    return PORT


def read_duration() -> float:
    """
    How long the figures are shown, seconds; infinite unless DURATION says.

    :raises ParameterError: when it is no such number
    """
    text = os.environ.get('DURATION') or 'inf'
    try:
        duration = float(text)
    except ValueError:
        duration = math.nan
    if not duration >= 0:
        raise ParameterError(f'DURATION is {text!r}: give seconds, such as DURATION=20')
    return duration


def main() -> int:
    """Run the demo as the environment says; exit code 0, 1 a part failed, 2 it makes no sense."""
    try:
        duration = read_duration()
    except ParameterError as error:
        print(f'fastsam demo: {error}', file=sys.stderr)
        return 2
    return play(duration)


def play(duration: float) -> int:
    """
    Run the demo.

    :param duration: of the figures after the prompts, seconds
    :return: exit code
    """
    over = Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # In a thread: the handler may interrupt a wait that holds the Event's lock.
        signal.signal(number, lambda *_: Thread(target=over.set).start())
    FOLDER.mkdir(parents=True, exist_ok=True)
    print('starting; Ctrl-C ends it' if math.isinf(duration) else 'starting', flush=True)
    with Processes() as processes:
        start(processes)
        make_room()
        rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
        client = Client()
        demo = Demo(client, processes, duration, over)
        client.gives_up = demo.is_over
        wrong = demo.run()
        demo.summary()
        client.close()
        rclpy.try_shutdown()
    if wrong:
        print(f'fastsam demo: {wrong}', file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
