# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What a person sees while something runs: on standard error, and only in a terminal a bar."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.text import Text


class RateColumn(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """As rich asks for it."""
        rate = task.finished_speed or task.speed
        return Text(f'{rate:.1f}/s' if rate else '', style='cyan')


class Progress:
    """
    A bar for each thing that is going on.

    :param quiet: show nothing
    """

    def __init__(self, quiet: bool = False) -> None:
        self.console = Console(stderr=True, quiet=quiet)
        self._bars = RichProgress(
            SpinnerColumn(),
            TextColumn('{task.description}', markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            RateColumn(),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=self.console,
            disable=not self.console.is_terminal,
        )

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def begin(self, name: str, total: int | None) -> TaskID:
        """
        Start a bar.

        :param name: what it is for
        :param total: steps, or None when that isn't known
        """
        return self._bars.add_task(name, total=total)

    def step(self, bar: TaskID) -> None:
        """One more is done."""
        self._bars.advance(bar)

    def note(self, text: str, style: str = '') -> None:
        """
        Say something, above the bars.

        :param text: shown as it is, also when a path in it looks like markup
        :param style: of rich, such as 'bold'
        """
        self.console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
