# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is declared of a parameter, and how its values are checked."""

from __future__ import annotations

from dataclasses import dataclass
import re

from rcl_interfaces.msg import FloatingPointRange, IntegerRange, ParameterDescriptor
from rclpy.parameter import Parameter

from fastsam_ros.core import ParameterError

NAME = re.compile(r'[A-Za-z][A-Za-z0-9_]*(/[A-Za-z][A-Za-z0-9_]*)*')
TYPES = {
    bool: (Parameter.Type.BOOL, 'true or false'),
    int: (Parameter.Type.INTEGER, 'a whole number'),
    float: (Parameter.Type.DOUBLE, 'a number with a decimal point'),
    str: (Parameter.Type.STRING, 'a text'),
    list: (Parameter.Type.STRING_ARRAY, 'a list of different names'),
}


@dataclass(frozen=True)
class Declared:
    """
    One parameter.

    :param name: as users write it
    :param default: its value when nobody sets it; its type is the parameter's
    :param description: what it is for
    :param low, high: the range of a number
    :param step: a whole number must be a multiple of it
    :param choices: the words that are allowed
    :param fixed: it cannot change while the node is configured
    :param numbers: of a list: that many numbers or none, instead of names
    """

    name: str
    default: bool | int | float | str | list
    description: str
    low: float | None = None
    high: float | None = None
    step: int = 1
    choices: tuple[str, ...] = ()
    fixed: bool = False
    numbers: int = 0

    @property
    def type(self) -> Parameter.Type:
        """As ROS has it."""
        return Parameter.Type.DOUBLE_ARRAY if self.numbers else TYPES[type(self.default)][0]

    def expected(self) -> str:
        """The values that are allowed, in words."""
        if self.choices:
            return 'one of ' + ', '.join(self.choices)
        if self.numbers:
            return f'empty, or {self.numbers} numbers with decimal points'
        words = TYPES[type(self.default)][1]
        if self.low is not None:
            words += f' from {self.low} to {self.high}'
        return words + (f' and a multiple of {self.step}' if self.step != 1 else '')

    def check(self, value: object) -> None:
        """
        Compare a value with what is allowed.

        :raises ParameterError: when it is of another type or not allowed
        """
        good = type(value) is type(self.default)
        if good and self.low is not None:
            good = self.low <= value <= self.high and (self.step == 1 or not value % self.step)
        if good and self.choices:
            good = value in self.choices
        if good and self.numbers:
            good = len(value) in (0, self.numbers)
        elif good and isinstance(value, list):
            good = len({*value}) == len(value) and all(NAME.fullmatch(name) for name in value)
        if not good:
            raise ParameterError(f'{self.name} must be {self.expected()}, not {value!r}')

    def descriptor(self) -> ParameterDescriptor:
        """As ROS tools show it."""
        descriptor = ParameterDescriptor(
            name=self.name, type=self.type.value, description=self.description,
            additional_constraints=self.expected() + (
                ', before the node is configured' if self.fixed else ''))
        limits = {'from_value': self.low, 'to_value': self.high}
        if isinstance(self.default, float):
            descriptor.floating_point_range = [FloatingPointRange(**limits)]
        elif self.low is not None:
            descriptor.integer_range = [IntegerRange(**limits, step=self.step)]
        return descriptor
