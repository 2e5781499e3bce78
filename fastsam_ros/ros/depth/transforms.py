# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""How frames stand to each other at a time, by tf2 where it is installed."""

from __future__ import annotations

from threading import Lock, Thread
from typing import Protocol

from builtin_interfaces.msg import Time
import rclpy
from rclpy.duration import Duration
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.time import Time as RclpyTime

from fastsam_ros.core.errors import DepthError
from fastsam_ros.space.transforms import Transform

PATIENCE = 0.1  # seconds; transforms come as often as a robot's odometry, and a little later
JOIN = 5.0  # seconds


class Transforms(Protocol):
    """What is asked of tf2."""

    def lookup(self, target: str, source: str, stamp: Time) -> Transform:
        """
        What takes points of one frame to another at a time, and at no other.

        :raises DepthError: when it is not known
        """

    def match(self) -> None:
        """Look whether there is a reason to listen."""

    def forget(self) -> None:
        """The stamps went back: what came so far is of another time."""

    def close(self) -> None:
        """Listen no more."""


class Tf2Transforms:
    """
    Listens to /tf and /tf_static with a node and a thread of its own.

    A listener among a node's other callbacks starves them, and they starve it.

    :param node: whose namespace, name and clock it takes
    :raises DepthError: when tf2_ros is not installed
    """

    def __init__(self, node: Node) -> None:
        try:
            from tf2_ros import Buffer, TransformException, TransformListener
        except ImportError as error:
            raise DepthError(
                f'transforms need tf2_ros ({error}): apt install ros-$ROS_DISTRO-tf2-ros-py, or '
                'set depth_to_image and leave target_frame empty') from error
        self._failure = TransformException
        self._node = _beside(node)
        self._buffer = Buffer(node=self._node)
        self._listener = TransformListener(self._buffer, self._node, spin_thread=False)
        self._executor = SingleThreadedExecutor(context=node.context)
        self._executor.add_node(self._node)
        self._thread = Thread(target=self._executor.spin, name='transforms', daemon=True)
        self._thread.start()

    def lookup(self, target: str, source: str, stamp: Time) -> Transform:
        """See `Transforms`; waits a moment for what is on its way."""
        try:
            found = self._buffer.lookup_transform(
                target, source, RclpyTime.from_msg(stamp), Duration(seconds=PATIENCE)).transform
        except self._failure as error:
            raise DepthError(
                f'no transform from {source} to {target} at the stamp of the image: {error}'
            ) from error
        move, turn = found.translation, found.rotation
        return Transform.from_pose([move.x, move.y, move.z, turn.x, turn.y, turn.z, turn.w])

    def match(self) -> None:
        """It listens from the start."""

    def forget(self) -> None:
        """See `Transforms`."""
        # tf2 drops what is older than its newest by more than its cache: after a bag began anew,
        # all of it. What came on /tf_static survives: clearing means histories alone.
        self._buffer.clear()

    def close(self) -> None:
        """Listen no more."""
        self._executor.shutdown()
        self._thread.join(JOIN)
        self._node.destroy_node()


class NoTransforms:
    """
    Stands for tf2 where it is not installed.

    :param reason: what to do about it
    """

    def __init__(self, reason: str = 'the node is not configured') -> None:
        self._reason = reason

    def lookup(self, target: str, source: str, stamp: Time) -> Transform:
        """
        See `Transforms`.

        :raises DepthError: always, with the reason
        """
        raise DepthError(f'no transform from {source} to {target}: {self._reason}')

    def match(self) -> None:
        """There is nothing to listen with."""

    def forget(self) -> None:
        """There is nothing to forget."""

    def close(self) -> None:
        """Nothing to do."""


class ClickTransforms:
    """
    Listens from when somebody may click in space, such as RViz: TF costs a processor's time.

    :param node: whose it is
    """

    def __init__(self, node: Node) -> None:
        self._node, self._opened, self._lock = node, None, Lock()
        self._topic = node.resolve_topic_name('clicked_point')

    def lookup(self, target: str, source: str, stamp: Time) -> Transform:
        """See `Transforms`."""
        return self._open().lookup(target, source, stamp)

    def match(self) -> None:
        """Look for who may click."""
        if self._node.count_publishers(self._topic):
            self._open()

    def forget(self) -> None:
        """See `Transforms`; who has not listened has nothing to forget."""
        with self._lock:
            if self._opened is not None:
                self._opened.forget()

    def close(self) -> None:
        """Listen no more."""
        with self._lock:
            opened, self._opened = self._opened, NoTransforms()
        if opened is not None:
            opened.close()

    def _open(self) -> Transforms:
        with self._lock:
            if self._opened is None:
                self._opened = _listen(self._node)
            return self._opened


def open_transforms(node: Node, always: bool = True) -> Transforms:
    """
    What looks transforms up, or says why it cannot.

    :param node: whose it is
    :param always: else it listens from when somebody may click in space
    """
    return _listen(node) if always else ClickTransforms(node)


def _beside(node: Node) -> Node:
    """
    A node that listens for another one.

    Arguments of the process that rename and set up the other one, as launch gives them, do so to
    every node of the process, or to that name alone: so it says its name and its clock itself.
    """
    name = f'{node.get_name()}_tf'
    return rclpy.create_node(
        name, namespace=node.get_namespace(), context=node.context,
        cli_args=['--ros-args', '-r', f'__node:={name}'], start_parameter_services=False,
        parameter_overrides=[
            Parameter('use_sim_time', value=node.get_parameter('use_sim_time').value)])


def _listen(node: Node) -> Transforms:
    try:
        return Tf2Transforms(node)
    except DepthError as error:
        return NoTransforms(str(error))
