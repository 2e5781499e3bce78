# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Options that are declared once reach each command that takes the group, with their values."""

from dataclasses import fields
from typing import Annotated

import pytest
import typer
from typer.main import get_command
from typer.testing import CliRunner

from fastsam_ros.cli.app import app
from fastsam_ros.cli.groups import EVERYTHING, USUAL, Asked, Network, grouped
from fastsam_ros.core.errors import PromptError


def made() -> tuple[typer.Typer, list]:
    """Make a command with options of its own around a group, and what it was called with."""
    program, calls = typer.Typer(), []

    @program.command()
    @grouped
    def command(
        place: str, asked: Asked = EVERYTHING, loud: Annotated[bool, typer.Option()] = False,
        network: Network = USUAL,
    ) -> None:
        """Do it."""
        calls.append((place, asked, loud, network))

    return program, calls


def test_a_group_arrives_as_one_value():
    program, calls = made()
    words = ['here', '--point', '1,2', '--point', '3,4', '--iou', '0.5', '--loud', '--separate']
    result = CliRunner().invoke(program, words)
    assert result.exit_code == 0, result.output
    assert calls == [('here', Asked(points=['1,2', '3,4'], separate=True), True, Network(iou=0.5))]


def test_what_is_not_typed_is_the_groups_default():
    program, calls = made()
    assert CliRunner().invoke(program, ['here']).exit_code == 0
    assert calls == [('here', EVERYTHING, False, USUAL)]
    assert calls[0][1].prompts() == []


def test_options_stand_where_their_group_does():
    names = [option.name for option in get_command(made()[0]).params]
    first = [field.name for field in fields(Asked)]
    assert names[: len(first) + 2] == ['place', *first, 'loud']


@pytest.mark.parametrize('command', ['segment', 'label'])
@pytest.mark.parametrize('group', [Asked, Network])
def test_pictures_and_labels_are_asked_alike(command, group):
    options = {option.name: option for option in get_command(app).commands[command].params}
    assert {field.name: options[field.name].default or None for field in fields(group)} == {
        field.name: field.default or None for field in fields(group)}


def test_prompts_are_read_from_what_was_typed():
    together = Asked(points=['1,2'], background=['3,4'], texts=['cup']).prompts('it')
    (prompt,) = together
    assert (prompt.points.tolist(), prompt.labels.tolist()) == ([[1, 2], [3, 4]], [True, False])
    assert (prompt.text, prompt.id) == ('cup', 'it')
    with pytest.raises(typer.BadParameter, match='not a point'):
        Asked(points=['1,2,3']).prompts()
    with pytest.raises(PromptError, match='unknown selection'):
        Asked(selection='most').prompts()
