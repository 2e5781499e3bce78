# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Settings that are checked whenever they are set."""

from __future__ import annotations

from fastsam_ros.core.errors import ParameterError


class Setting:
    """
    An attribute with a type and a range.

    :param kind: int or float; an int is taken for a float, never the other way round
    :param low: the lowest value
    :param high: the highest value
    :param multiple: the value must be a multiple of it
    :param optional: None is a value too
    """

    def __init__(
        self, kind: type, low: float, high: float, multiple: int = 1, *, optional: bool = False
    ) -> None:
        self.kind, self.low, self.high, self.multiple = kind, low, high, multiple
        self.optional = optional

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> float | int | Setting:
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance: object, value: float | int) -> None:
        instance.__dict__[self.name] = self.check(value)

    def check(self, value: float | int) -> float | int:
        """
        The value in its type.

        :raises ParameterError: when it is of another type or out of range; nan is out of any
        """
        if value is None and self.optional:
            return None
        kinds = (int, float) if self.kind is float else int
        right = isinstance(value, kinds) and not isinstance(value, bool)
        if not (right and self.low <= value <= self.high and self._fits(value)):
            raise ParameterError(f'{self.name} must be {self}, not {value!r}')
        return self.kind(value)

    def _fits(self, value: float) -> bool:
        return self.multiple == 1 or value % self.multiple == 0

    def __str__(self) -> str:
        kind = 'a whole number' if self.kind is int else 'a number'
        step = f' and a multiple of {self.multiple}' if self.multiple != 1 else ''
        return f'{kind} from {self.low:g} to {self.high:g}{step}'


class Choice:
    """
    An attribute that is one of a few words.

    :param words: that it may be
    """

    def __init__(self, *words: str) -> None:
        self.words = words

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> str | Choice:
        return self if instance is None else instance.__dict__[self.name]

    def __set__(self, instance: object, value: str) -> None:
        if value not in self.words:
            raise ParameterError(
                f'{self.name} must be one of {", ".join(self.words)}, not {value!r}')
        instance.__dict__[self.name] = value


def means(setting: str, default: bool) -> bool:
    """What always, never or auto means; auto is the default."""
    return default if setting == 'auto' else setting == 'always'
