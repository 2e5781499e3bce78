# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Options that several commands share: declared once, and handed over as one value a group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import wraps
import inspect
from typing import TYPE_CHECKING, get_type_hints

from fastsam_ros.cli import options

if TYPE_CHECKING:
    from fastsam_ros.core.prompts import Prompt
    from fastsam_ros.fastsam import FastSam


@dataclass(frozen=True)
class Asked:
    """What is asked; nothing: every segment."""

    points: options.Points = None
    background: options.Background = None
    boxes: options.Boxes = None
    texts: options.Texts = None
    selection: options.Choice = 'best'
    separate: options.Separate = False

    def prompts(self, id: str = '') -> list[Prompt]:
        """
        The prompts; none for everything.

        :param id: a name for all of them
        :raises PromptError: when one contradicts itself
        :raises typer.BadParameter: when one is no numbers
        """
        from fastsam_ros.batch.segment import PromptOptions

        return PromptOptions(
            [options.point(text) for text in self.points or ()],
            [options.point(text) for text in self.background or ()],
            [options.box(text) for text in self.boxes or ()],
            self.texts or (), self.selection, self.separate, id).prompts()


@dataclass(frozen=True)
class Network:
    """The network, and the text model beside it."""

    text_model: options.TextModel = ''
    text_threshold: options.TextThreshold = 0.5
    words: options.Words = ''
    model: options.Model = ''
    device: options.Device = 'auto'
    precision: options.Precision = 'auto'
    image_size: options.ImageSize = 640
    confidence: options.Confidence = 0.4
    iou: options.Iou = 0.9
    max_segments: options.MaxSegments = 300
    trust: options.Trust = False

    def settings(self) -> dict[str, object]:
        """By their names, as `fastsam_ros.batch.network.load_network` takes them."""
        return asdict(self)

    def load(self, **more: object) -> FastSam:
        """
        Load it.

        :param more: further arguments of `FastSam`
        :raises FastSamError: when it cannot be had
        """
        return options.load(**self.settings(), **more)


EVERYTHING, USUAL = Asked(), Network()


def grouped(command: Callable) -> Callable:
    """
    A command as typer sees it: each parameter that is a group stands for the group's options.

    :param command: its parameters are options or such groups, by their annotations
    """
    kinds = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in kinds.items() if is_dataclass(kind)}
    signature = inspect.signature(command)
    shown = []
    for parameter in signature.parameters.values():
        if parameter.name in groups:
            shown += _options_of(groups[parameter.name])
        else:
            shown.append(parameter.replace(annotation=kinds[parameter.name]))

    @wraps(command)
    def run(**given: object) -> None:
        made = {
            name: group(**{field.name: given.pop(field.name) for field in fields(group)})
            for name, group in groups.items()}
        command(**given, **made)

    run.__signature__ = signature.replace(parameters=shown)
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return run


def _options_of(group: type) -> list[inspect.Parameter]:
    kinds = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=field.default,
            annotation=kinds[field.name])
        for field in fields(group)]
