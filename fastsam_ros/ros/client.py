# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""A client of the node, for programs that ask and end."""

from __future__ import annotations

from collections.abc import Callable
import time

from rcl_interfaces.srv import GetParameters
import rclpy
from rclpy.client import Client as ServiceClient
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions

from fastsam_ros.core.errors import BackendError
from fastsam_ros.srv import ClearPrompts, Prompt, Teach

TICK = 0.1  # seconds between two looks at whether Ctrl-C was pressed
AGAIN = 1.0  # seconds after which something harmless is asked again


class Client:
    """
    Asks one FastSAM node; use it in a `with`.

    :param node: its name, relative to no namespace, or absolute
    :param patience: seconds that the node may take to be found, and to answer
    """

    def __init__(self, node: str, patience: float) -> None:
        self._name = '/' + node.strip('/')
        self._patience = patience

    def __enter__(self) -> Client:
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = Node('fastsam_ask', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        return self

    def __exit__(self, *error: object) -> None:
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)

    def prompt(self, request: Prompt.Request) -> Prompt.Response:
        """
        Ask for segments.

        :raises BackendError: when there is no such node, or it does not answer
        """
        return self._call(Prompt, 'prompt', request)

    def teach(self, request: Teach.Request) -> Teach.Response:
        """
        Teach a word, or make it forgotten.

        :raises BackendError: when there is no such node, or it does not answer
        """
        return self._call(Teach, 'teach', request)

    def clear(self, ids: list[str]) -> ClearPrompts.Response:
        """
        End standing prompts.

        :param ids: empty: all of them
        :raises BackendError: when there is no such node, or it does not answer
        """
        return self._call(ClearPrompts, 'clear_prompts', ClearPrompts.Request(ids=ids))

    def _call(self, kind: type, name: str, request: object) -> object:
        client = self._node.create_client(kind, f'{self._name}/{name}')
        if not self._spin_until(client.service_is_ready, self._patience):
            raise BackendError(self._nobody(client.srv_name))
        # The node may not know this client yet, and its answer would be lost. Something harmless
        # is asked first, as often as it takes: what was made last becomes known last.
        harmless = self._node.create_client(GetParameters, f'{self._name}/get_parameters')
        self._ask(harmless, GetParameters.Request(), AGAIN)
        return self._ask(client, request, self._patience)

    def _ask(self, client: ServiceClient, request: object, again: float) -> object:
        """
        The answer.

        :param again: seconds after which it is asked again
        :raises BackendError: when there is none in time
        """
        futures, end = [], time.monotonic() + self._patience
        while not any(future.done() for future in futures):
            if time.monotonic() > end:
                raise BackendError(
                    f'{client.srv_name} did not answer within {self._patience:g} s: is the '
                    'network slow, or the machine busy? --wait SECONDS gives it longer')
            futures.append(client.call_async(request))
            self._spin_until(lambda: any(future.done() for future in futures), again)
        return next(future.result() for future in futures if future.done())

    def _spin_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether it came about in time."""
        end = time.monotonic() + seconds
        while not condition():
            self._executor.spin_once(timeout_sec=TICK)
            if time.monotonic() > end:
                return condition()
        return True

    def _nobody(self, service: str) -> str:
        found = sorted(
            name.rpartition('/')[0]
            for node in self._node.get_node_names_and_namespaces()
            for name, kinds in self._node.get_service_names_and_types_by_node(*node)
            if 'fastsam_ros/srv/Prompt' in kinds)
        if found:
            return f'no node offers {service}, but there is {", ".join(found)}: give --node NAME'
        return (
            f'no node offers {service}: start one with `make demo`, `ros2 launch fastsam_ros '
            'fastsam.launch.py` or `ros2 run fastsam_ros fastsam_node`; on another machine: is '
            'ROS_DOMAIN_ID the same there?')
