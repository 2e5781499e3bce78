# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The parameter `names`: what the model has words for, for others to read."""

from __future__ import annotations

from rcl_interfaces.msg import ParameterDescriptor, SetParametersResult
from rclpy.node import Node
from rclpy.parameter import Parameter

from fastsam_ros.fastsam import FastSam

NAME = 'names'


class KnownNames:
    """
    Names of the network and words that were taught; empty while no model is loaded.

    :param node: that declares the parameter
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._names: list[str] = []
        node.add_on_set_parameters_callback(self._check)
        node.declare_parameter(NAME, Parameter.Type.STRING_ARRAY, ParameterDescriptor(
            description='Words that the model knows, those that were taught last',
            additional_constraints='set by the node'), ignore_override=True)
        node.set_parameters([self._parameter()])

    def show(self, model: FastSam | None) -> list[str]:
        """
        Say what a model knows now.

        :return: its names, then taught words
        """
        known = [] if model is None else [
            *getattr(model, 'names', ()), *getattr(getattr(model, 'words', None), 'names', ())]
        names = list(dict.fromkeys(known))
        if names != self._names:
            self._names = names
            self._node.set_parameters([self._parameter()])
        return names

    def _parameter(self) -> Parameter:
        return Parameter(NAME, Parameter.Type.STRING_ARRAY, self._names)

    def _check(self, parameters: list[Parameter]) -> SetParametersResult:
        others = [p for p in parameters if p.name == NAME and list(p.value or []) != self._names]
        return SetParametersResult(successful=not others, reason=(
            f'{NAME} says what the model knows: teach a word with ~/teach' if others else ''))
