# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Clicks of other programs: what they bind, and what is said when they find nothing."""

from geometry_msgs.msg import Point, PointStamped
from graph import corners, header, wait_until
import pytest
from scripted_model import picture
from standing import LATCHED, SCENE

from fastsam_ros.msg import PromptStatus, PromptStatusArray, SegmentationArray


class Pointer:
    """Clicks on a node's camera and reads what stands."""

    def __init__(self, graph):
        self.graph = graph
        self.segmentations = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
        self.prompted = graph.mailbox(SegmentationArray, 'fastsam/prompted')
        self.board = graph.mailbox(PromptStatusArray, 'fastsam/standing_prompts', LATCHED)
        self.show()
        # A click is best effort: one that is sent before both ends know each other is lost.
        wait_until(lambda: self.click(-1, -1) or self.told('(-1, -1) lies outside'))

    def told(self, words):
        """The messages that say something of the prompt `click`."""
        return [m for m in self.board.messages if m.prompts and words in m.prompts[0].message]

    def show(self):
        stamp = self.graph.publish(picture(**SCENE))
        self.segmentations.at(stamp)
        return stamp

    def click(self, x, y):
        self.graph.publisher(Point, 'click').publish(Point(x=float(x), y=float(y)))

    def ids(self):
        return [prompt.id for prompt in self.graph.node.cameras[''].standing.all()]

    def box(self, name='click'):
        """Where the prompt's segment was on the newest frame; another one is on its way."""
        self.show()
        newest = self.prompted.messages[-1].segmentations if self.prompted.messages else ()
        return next((corners(s) for s in newest if s.prompt_id == name), None)

    def bound(self, expected, name='click'):
        wait_until(lambda: self.box(name) == expected)


@pytest.fixture
def pointer(start):
    return Pointer(start())


def test_a_click_becomes_the_standing_prompt_click(pointer):
    pointer.click(100, 70)
    pointer.bound(SCENE['blue'])
    assert pointer.ids() == ['click']
    pointer.click(20, 50)
    pointer.bound(SCENE['red'])
    assert pointer.ids() == ['click']


def test_a_click_at_the_same_place_asks_for_the_next_larger_and_comes_round(pointer):
    for expected in ('yellow', 'red', 'yellow'):
        pointer.click(40, 30)
        pointer.bound(SCENE[expected])
    pointer.click(43, 33)  # within 5 pixels
    pointer.bound(SCENE['red'])
    pointer.click(33, 37)  # elsewhere: begins with the best again
    pointer.bound(SCENE['yellow'])


def test_a_click_that_finds_nothing_leaves_the_last_one_and_says_so(pointer):
    pointer.click(3, 3)
    wait_until(lambda: pointer.told('no segment is at (3, 3)'))
    (status,) = pointer.told('no segment is at (3, 3)')[0].prompts
    assert (status.id, status.state) == ('click', PromptStatus.UNKNOWN)
    pointer.click(100, 70)
    pointer.bound(SCENE['blue'])
    pointer.click(3, 3)
    told = pointer.board.wait(
        lambda m: m.prompts and m.prompts[0].state == PromptStatus.FOLLOWED
        and 'no segment is at (3, 3)' in m.prompts[0].message)
    assert len(told.prompts) == 1
    pointer.bound(SCENE['blue'])
    pointer.click(500, 3)
    wait_until(lambda: pointer.told('(500, 3) lies outside'))


def test_clicks_may_add_up(start):
    pointer = Pointer(start(clicks='add'))
    pointer.click(100, 70)
    pointer.bound(SCENE['blue'])
    pointer.click(20, 50)
    pointer.bound(SCENE['red'], 'click-2')
    assert pointer.ids() == ['click', 'click-2']
    pointer.click(40, 30)
    pointer.bound(SCENE['yellow'], 'click-3')
    pointer.click(40, 30)  # again: the same prompt goes on to the next larger
    pointer.bound(SCENE['red'], 'click-3')
    assert pointer.ids() == ['click', 'click-2', 'click-3']


def test_a_point_in_the_frame_of_the_images_is_a_pixel(pointer):
    message = PointStamped(header=header((1, 0)), point=Point(x=100.0, y=70.0))
    publisher = pointer.graph.publisher(PointStamped, 'clicked_point')
    wait_until(lambda: publisher.publish(message) or pointer.box() == SCENE['blue'])


def test_a_point_in_space_that_nobody_can_place_is_told(pointer):
    message = PointStamped(header=header((1, 0), 'map'), point=Point(x=1.0, y=2.0, z=3.0))
    publisher = pointer.graph.publisher(PointStamped, 'clicked_point')
    wait_until(lambda: publisher.publish(message) or pointer.told('map'))
