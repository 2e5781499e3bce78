# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A node's process, from start to a clean end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
import os
import sys
from threading import Event
import time

import rclpy
from rclpy.exceptions import InvalidHandle
from rclpy.executors import Executor, ExternalShutdownException, SingleThreadedExecutor
from rclpy.impl.rcutils_logger import RcutilsLogger
from rclpy.logging import LoggingSeverity, get_logger
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from fastsam_ros.core import FastSamError
from fastsam_ros.ros import compat
from fastsam_ros.ros.callback_errors import complain
from fastsam_ros.ros.executors import NodeExecutor
from fastsam_ros.ros.topics.dds_profile import make_room
from fastsam_ros.signal_pipe import open_signal_pipe

# Seconds that one thread may keep Python to itself while another waits. The network's thread waits
# when its run ends; at the usual 5 ms the processor would idle for a good part of a frame.
SWITCH = 5e-4
GRACE = 1.5  # seconds from an interruption to the end, for callbacks and for what closes
PAUSE = 0.1  # seconds after an error, so that one that stays does not take the processor
LOGGER = get_logger('executor')


def run(name: str, make: Callable[[], Node], threads: int, arguments: list[str] | None) -> int:
    """
    Run a node until SIGINT or SIGTERM; both end it in order, however often they come.

    :param name: of the program, for what it says
    :param make: the node; its `close()` frees what it holds
    :param threads: of its executor; 1: images have none of their own
    :param arguments: as on the command line; None: those of this process
    :return: exit code: 0, or 2 when the node could not be made
    """
    sys.setswitchinterval(SWITCH)
    ending = Ending()
    make_room()
    arguments, debug = take_debug(sys.argv if arguments is None else arguments)
    rclpy.init(args=arguments, signal_handler_options=SignalHandlerOptions.NO)
    try:
        node = make()
    except FastSamError as error:
        print(f'{name}: {error}', file=sys.stderr)
        rclpy.try_shutdown()
        return 2
    if debug:
        node.get_logger().set_level(LoggingSeverity.DEBUG)
    if not _spin(node, threads, ending):
        _leave(name)
    rclpy.try_shutdown()
    return 0


class Ending:
    """The wish to end, from SIGINT, SIGTERM or a thread; made in the main thread."""

    def __init__(self) -> None:
        self._reader, self._writer = open_signal_pipe()

    def wish(self) -> None:
        """Wish it."""
        with suppress(BlockingIOError):  # so full of wishes that one more says nothing new
            os.write(self._writer, b'\0')

    def wait(self) -> None:
        """Wait until somebody wishes it, or has wished it before."""
        os.read(self._reader, 1)


def take_debug(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """
    Take `--log-level debug` out of the arguments, which would have all of ROS speak.

    :return: the others, and whether it was there
    """
    level = ['--log-level', 'debug']
    left: list[str] = []
    for word in arguments:
        left.append(word)
        if [text.lower() for text in left[-2:]] == level:
            del left[-2:]
    return left, len(left) < len(arguments)


def _leave(name: str) -> None:
    """End the process although something runs on: nothing can interrupt a model that loads."""
    print(f'{name}: interrupted while it was busy', file=sys.stderr, flush=True)
    rclpy.try_shutdown()
    sys.stdout.flush()
    os._exit(0)


def executors_for(node: Node, threads: int) -> list[Executor]:
    """
    What executes a node's callbacks together; each is to be spun in a thread.

    :param threads: see `run`
    """
    if threads > 1:
        executor = NodeExecutor(node, threads)
        return [executor, executor.images]
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    return [executor]


def _spin(node: Node, threads: int, ending: Ending) -> bool:
    """Spin until the end; False when what runs does not come back, so that it is left to it."""
    over, executors = Event(), executors_for(node, threads)
    # The main thread stays free for signals, which Python handles nowhere else.
    pool = ThreadPoolExecutor(len(executors), thread_name_prefix='executor')
    spinning = [pool.submit(spin, executor, over) for executor in executors]
    for future in spinning:
        future.add_done_callback(lambda _: ending.wish())
    ending.wait()
    over.set()
    until = time.monotonic() + GRACE
    if not all([ends(*pair, until - time.monotonic()) for pair in zip(executors, spinning)]):
        return False
    closing = pool.submit(node.close)  # which waits for the network, and for texts
    wait([closing], max(until - time.monotonic(), 0))
    if not closing.done():
        return False
    for future in (*spinning, closing):
        future.result()
    pool.shutdown()
    return True


def ends(executor: Executor, spinning: Future, patience: float | None) -> bool:
    """
    End an executor that `spin` runs and that is over.

    :param spinning: what runs `spin`
    :param patience: seconds for the callbacks that run; None: for as long as they take
    :return: whether they came to their end
    """
    executor.create_task(lambda: None)  # something to do, so that it looks up
    executor.wake()
    wait([spinning])
    if not compat.drain(executor, patience):
        return False
    executor.shutdown()
    return True


def spin(executor: Executor, over: Event, logger: RcutilsLogger = LOGGER) -> None:
    """
    Spin until it is over; no callback that fails and nothing that is destroyed ends it.

    :param over: set by whoever wants the end, and in any case at the end
    :param logger: is told what went wrong
    """
    try:
        while not over.is_set() and executor.context.ok():
            if not _spins(executor, logger):
                over.wait(PAUSE)
    except ExternalShutdownException:  # somebody else ended ROS in this process
        return
    finally:
        over.set()


def _spins(executor: Executor, logger: RcutilsLogger) -> bool:
    """Spin once; False when that went wrong."""
    try:
        executor.spin_once()
    except ExternalShutdownException:
        raise
    except InvalidHandle:  # another thread destroyed what was about to be waited for or taken
        return True
    except Exception as error:  # rclpy passes on what a callback raised
        complain(logger, error)
        return False
    return True
