# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What goes on around a prompt that stands: other clients, looping bags, cameras that restart."""

from concurrent.futures import ThreadPoolExecutor

from graph import point
import pytest
from scripted_model import picture
from standing import SCENE, keep, listen, show

from fastsam_ros.msg import PromptStatus

CLICKS = 60  # of the other client; by hand a thousand were tried
BLUE = (100, 70)


def box_of(message) -> tuple[int, int, int, int]:
    (segment,) = message.segmentations
    box = segment.box
    return box.x_offset, box.y_offset, box.x_offset + box.width, box.y_offset + box.height


def test_a_controllers_thing_is_not_disturbed_by_the_clicks_of_others(start):
    graph = listen(start)
    graph.segmentations.at(graph.publish(picture(**SCENE)))
    (thing,) = keep(graph, point(BLUE, id='it')).result.segmentations

    def click(number: int) -> bool:
        return graph.prompt(point(((40, 30), BLUE, (5, 5))[number % 3])).success

    with ThreadPoolExecutor(2) as others:
        clicks = [others.submit(click, number) for number in range(CLICKS)]
        shift = 0
        while not all(one.done() for one in clicks):
            shift = (shift + 1) % 20
            moved = 90 - shift, 50, 120 - shift, 90
            message = show(graph, red=SCENE['red'], blue=moved)
            assert box_of(message) == moved
            assert [(s.id, s.prompt_id) for s in message.segmentations] == [(thing.id, 'it')]
            assert [(p.id, p.state) for p in message.prompts] == [('it', PromptStatus.FOLLOWED)]
    assert all(one.result() for one in clicks)


def test_a_bag_that_loops_is_followed_on_every_round(start):
    graph = listen(start)
    graph.segmentations.at(graph.publish(picture(**SCENE), stamp=(100, 0)))
    (thing,) = keep(graph, point(BLUE, id='it')).result.segmentations
    for _ in range(3):
        for number in range(4):
            blue = 90 - 4 * number, 50, 120 - 4 * number, 90
            stamp = graph.publish(picture(red=SCENE['red'], blue=blue), stamp=(110 + number, 0))
            message = graph.prompted.at(stamp)
            assert box_of(message) == blue
            assert message.segmentations[0].id == thing.id
            graph.prompted.messages.clear()
    assert graph.counters().restarts == 2


@pytest.mark.parametrize('stamp, scale', [((500, 0), 1), ((3, 0), 1), ((500, 0), 2)])
def test_a_camera_that_restarts_is_taken_up_again(start, stamp, scale):
    """After minutes, with a clock that begins anew, or with images of another size."""
    graph = listen(start)
    graph.segmentations.at(graph.publish(picture(**SCENE), stamp=(100, 0)))
    (thing,) = keep(graph, point(BLUE, id='it')).result.segmentations
    graph.client.destroy_publisher(graph.publishers.pop('image'))
    pixels = picture(red=SCENE['red'], blue=(80, 10, 110, 50)).repeat(scale, 0).repeat(scale, 1)
    message = graph.prompted.at(graph.publish(pixels, stamp=stamp))
    assert box_of(message) == tuple(scale * side for side in (80, 10, 110, 50))
    assert message.segmentations[0].id == thing.id
    assert message.prompts[0].state == PromptStatus.FOLLOWED
