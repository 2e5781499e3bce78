# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What is said once, and what each time."""

from types import SimpleNamespace

import pytest

from fastsam_ros.core import PromptError
from fastsam_ros.ros import callback_errors
from fastsam_ros.ros.callback_errors import MOST, Throttle, complain, transition


class Logger:
    """Keeps what it is told."""

    def __init__(self):
        self.said = []

    def error(self, text):
        self.said.append(text)


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(callback_errors, 'time', SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_a_text_is_said_again_after_a_while_and_others_at_once(clock):
    throttle = Throttle()
    assert throttle.lets('a') and throttle.lets('b')
    clock[0] = callback_errors.THROTTLE - 0.1
    assert not throttle.lets('a')
    clock[0] = callback_errors.THROTTLE
    assert throttle.lets('a') and not throttle.lets('a')


def test_texts_that_always_change_do_not_flood_the_log(clock):
    throttle = Throttle()
    assert sum(throttle.lets(f'frame {number}') for number in range(1000)) == MOST
    clock[0] = callback_errors.THROTTLE
    assert throttle.lets('frame 2000')


def test_one_error_hides_no_other_and_one_node_no_other(clock):
    loggers = Logger(), Logger()
    for logger in loggers:
        for text in ('no image', 'no text', 'no image'):
            complain(logger, PromptError(text))
        assert logger.said == ['no image', 'no text']


def test_each_transition_that_fails_says_why(clock):
    class Node:
        logger = Logger()

        @transition
        def on_activate(self):
            raise PromptError('no camera')

    for _ in range(2):
        Node().on_activate(None)
    assert Node.logger.said == ['no camera'] * 2
