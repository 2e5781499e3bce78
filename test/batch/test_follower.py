# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What prompts mean on the frames of a recording: things, pixels, and all that moves between."""

from dataclasses import replace

from made_scene import SIZE, made_scene
import numpy as np
import pytest

from fastsam_ros.batch.follower import Follower
from fastsam_ros.core import Prompt
from fastsam_ros.media.frames import Frame
from fastsam_ros.media.scenes import pack_scene, unpack_scene

RED, BLUE = (220, 30, 30), (30, 30, 220)
PAPER = np.random.default_rng(0).integers(90, 150, (SIZE, SIZE, 3), np.uint8)
SECOND = 1_000_000_000
POINT = Prompt(points=[(50, 50)])


def scene_of(**things):
    """Squares of 60 pixels by colour, each at x, 20, on a textured ground."""
    colours = {'red': RED, 'blue': BLUE}
    made = made_scene(
        [(x, 20, x + 60, 80) for x in things.values()], [colours[name] for name in things])
    squares = (made.image != 128).any(axis=2, keepdims=True)
    return replace(made, image=np.where(squares, made.image, PAPER))


class Film:
    """Frames that a follower is shown, ten a second."""

    def __init__(self, *prompts, fixed=False, track=True):
        self.follower, self.stamp = Follower(prompts, fixed, track), 0

    def shows(self, seen=True, **things):
        scene = scene_of(**things)
        self.stamp += SECOND // 10
        if seen:
            return self.follower.see(Frame(scene.image), scene, self.stamp)
        return self.follower.carry(Frame(scene.image), self.stamp)


def left_edges(result):
    return [segment.runs.x for segment in result.segments]


def states(result):
    return [(state.name, state.state) for state in result.states]


def test_a_point_means_the_thing_there_and_not_the_pixel():
    film = Film(POINT)
    ids = set()
    for x in range(20, 120, 8):
        result = film.shows(blue=220, red=x)
        assert left_edges(result) == [x]
        assert (result.segments[0].thing, result.segments[0].prompt) == ('0', 0)
        assert states(result) == [('0', 'followed')]
        ids.add(result.segments[0].id)
    assert len(ids) == 1


def test_it_is_bound_where_it_is_found_first_and_said_to_be_searched_for_without_it():
    film = Film(POINT)
    assert states(film.shows(blue=220)) == [('0', 'searching')]
    (first,) = film.shows(blue=220, red=20).segments
    gone = film.shows(blue=20)
    assert (gone.segments, states(gone)) == ((), [('0', 'searching')])
    assert gone.states[0].message
    (back,) = film.shows(blue=20, red=140).segments
    assert (back.id, back.runs.x) == (first.id, 140)
    film.shows(blue=20)
    film.stamp += 6 * SECOND
    assert states(film.shows(blue=20)) == [('0', 'lost')]


def test_fixed_means_the_pixels():
    film = Film(POINT, fixed=True)
    assert left_edges(film.shows(red=20, blue=220)) == [20]
    assert left_edges(film.shows(blue=24)) == [24]
    empty = film.shows(blue=220)
    assert (empty.segments, states(empty)) == ((), [('0', 'searching')])


def test_similar_things_look_like_what_was_pointed_at_first():
    names = np.float32([[0.9, 0.01], [0.01, 0.9]])  # of what is red and of what is blue
    follower, found = Follower([Prompt(points=[(50, 50)], selection='similar')], False, True), []
    for stamp, things in enumerate([{'red': 20, 'blue': 220}, {'blue': 20, 'red': 220}], 1):
        scene = scene_of(**things)
        scene = replace(scene, name_scores=names[[int(name == 'blue') for name in things]])
        found.append(left_edges(follower.see(Frame(scene.image), scene, stamp)))
    assert found == [[20], [220]]


def test_prompts_that_share_an_id_are_parts_of_one_thing():
    film = Film(Prompt(points=[(50, 50)], id='pair'), Prompt(points=[(250, 50)], id='pair'))
    for x in (20, 28):
        result = film.shows(red=x, blue=220)
        assert [(s.thing, s.prompt) for s in result.segments] == [('pair', 0), ('pair', 1)]
    half = film.shows(blue=220)
    assert [s.prompt for s in half.segments] == [1]
    assert states(half) == [('pair', 'followed')]


@pytest.mark.parametrize('prompts', [[], [POINT], [Prompt(box=(15, 15, 85, 85))]])
def test_what_the_network_saw_moves_along_until_it_looks_again(prompts):
    film = Film(*prompts)
    (seen,) = film.shows(red=20).segments
    for x in (23, 26):
        (moved,) = film.shows(seen=False, red=x).segments
        assert abs(moved.runs.x - x) <= 2 and moved.id == seen.id
        assert abs(moved.runs.area - 3600) < 400
    assert left_edges(film.shows(red=29)) == [29]


def test_after_a_cut_nothing_is_shown_until_the_network_looks_again():
    film = Film(POINT)
    film.shows(red=20)
    noise = np.random.default_rng(5).integers(0, 255, (SIZE, SIZE, 3), np.uint8)
    result = film.follower.carry(Frame(noise), film.stamp + 1)
    assert (result.segments, states(result)) == ((), [('0', 'searching')])
    assert result.states[0].message


def test_without_tracking_all_but_things_are_counted_anew():
    film = Film(track=False)
    assert [[s.id for s in film.shows(red=x, blue=220).segments] for x in (20, 24)] == [[1, 2]] * 2
    thing = Film(Prompt(points=[(250, 50)]), track=False)
    assert {thing.shows(red=x, blue=220).segments[0].id for x in (20, 24)} == {2}


@pytest.mark.parametrize('known', [1, 2, 3, 4, 5])
@pytest.mark.parametrize('prompts', [[], [POINT]])
def test_who_goes_on_after_an_interruption_says_the_same(prompts, known):
    shown = [dict(red=20), dict(red=24), dict(blue=20), dict(blue=20, red=140),
             dict(red=146), dict(red=150, blue=220)]
    looked = [True, False, True, True, False, True]
    whole, again = Film(*prompts), Film(*prompts)
    results = [whole.shows(seen, **things) for seen, things in zip(looked, shown)]
    for seen, things, result in [*zip(looked, shown, results)][:known]:
        scene = scene_of(**things)
        again.stamp += SECOND // 10
        kept = unpack_scene(pack_scene(scene, again.follower.needs_masks)) if seen else None
        again.follower.recall(Frame(scene.image), kept, again.stamp, result)
    for seen, things, result in [*zip(looked, shown, results)][known:]:
        other = again.shows(seen, **things)
        assert other.states == result.states
        assert [(s.id, s.runs.counts.tolist()) for s in other.segments] == [
            (s.id, s.runs.counts.tolist()) for s in result.segments]
