# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
A person at the page, in a real browser, with the real node and the model that ships.

The camera shows three things in plain colours, so what the screen must show anywhere is known.
"""

import statistics

import cv2
from made_picture import GREY, SIZE, THINGS, made_picture
import numpy as np
from page import FOLDER, Person, Process
import pytest
from served import Talk

BESIDE = (590, 440)  # on the ground, which is grey
CLOSE = 30  # levels: scaling, JPEG and noise of the picture
CLICKS = 15


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    """The node, and a camera that shows the made-up picture."""
    path = tmp_path_factory.mktemp('page') / 'picture.png'
    cv2.imwrite(str(path), made_picture()[..., ::-1])
    settings = '--ros-args -p text_model:=scripted -p image_size:=320'  # which is less to compute
    process = Process(FOLDER / 'robot.py', path, *settings.split())
    process.wait_for('active')
    yield process
    process.stop()


@pytest.fixture(scope='module')
def url(robot):
    process = Process('-m', 'fastsam_ros.web', '--port', '0')
    yield process.wait_for('Open http').split()[1]
    assert process.stop() == 0


@pytest.fixture
def new_person(browser, url):
    """Somebody with a browser of their own, which knows nothing, who opens the page."""
    people = []

    def make(**window):
        window = {'viewport': {'width': 1000, 'height': 640}, **window}
        person = Person(browser.new_context(**window).new_page(), SIZE)
        people.append(person)
        return person.open(url)

    forget_all(url)
    yield make
    for person in people:
        person.page.context.close()
    assert [person.errors for person in people] == [[]] * len(people)


@pytest.fixture
def person(new_person):
    return new_person()


def forget_all(url):
    """No prompt of another test stands any more."""
    with Talk(url.replace('http', 'ws') + 'ws') as talk:
        kept = [entry['id'] for entry in talk.hear('state')['kept']]
        if kept:
            talk.say(type='forget', request=1, ids=kept)
            assert talk.hear('answer')['success']


def shows(seen, thing, tint=None):
    """Whether a colour on the screen is that of a thing, under a tint."""
    bare = np.array(THINGS[thing][0] if thing in THINGS else GREY)
    shares = (0.3, 0.4, 0.5)  # the larger a thing the less
    expected = [bare] if tint is None else [bare + share * (tint - bare) for share in shares]
    return any(np.abs(seen - colour).max() <= CLOSE for colour in expected)


def assert_answer(person, thing):
    """The thing, and it alone, is coloured as its swatch; everything else is darker."""
    names = sorted(THINGS, key=lambda name: name != thing)
    seen, *others, ground = person.colour_at(*(THINGS[name][2] for name in names), BESIDE)
    assert shows(seen, thing, person.swatch())
    assert not any(shows(other, name) for other, name in zip(others, names[1:]))
    assert ground.max() < min(GREY) - CLOSE


def test_every_segment_has_a_colour_until_that_is_switched_off(person):
    places = [place for _, _, place in THINGS.values()]
    person.hold()
    coloured = person.colour_at(*places)  # one tint may be close to its thing's own colour
    assert not all(shows(seen, name) for seen, name in zip(coloured, THINGS))
    person.page.click('#everything')
    person.page.mouse.move(1, 1)
    bare = person.colour_at(*places)
    assert all(shows(seen, name) for seen, name in zip(bare, THINGS))


def test_opacity(person):
    person.hold()
    places = [place for _, _, place in THINGS.values()]
    person.page.locator('#opacity').fill('100')
    person.page.mouse.move(1, 1)
    full = person.colour_at(*places)
    person.page.locator('#opacity').fill('0')
    none = person.colour_at(*places)
    assert all(shows(seen, name) for seen, name in zip(none, THINGS))
    assert np.abs(full - none).max() > 2 * CLOSE


@pytest.mark.parametrize('thing', THINGS)
def test_a_click_shows_the_thing_that_was_clicked(person, thing):
    person.click(*THINGS[thing][1])
    rows = person.answered()
    assert len(rows) == 1 and '%' in rows[0]
    assert_answer(person, thing)
    assert 'score' in person.page.locator('#live').text_content()
    assert person.text('#badge') == 'Paused'


def test_a_background_point_takes_its_thing_away(person):
    person.page.get_by_label('Joined').check()
    person.click(*THINGS['red'][1])
    person.answered()
    person.click(*THINGS['yellow'][1], 'Control')
    assert person.text('#question') == '2 points'
    person.answered()
    seen = person.colour_at(THINGS['red'][2], THINGS['yellow'][2])
    tint = person.swatch()
    assert shows(seen[0], 'red', tint) and shows(seen[1], 'yellow', tint)
    person.click(*THINGS['yellow'][1], 'Shift')
    assert person.text('#question') == '2 points, 1 background point'
    person.answered()
    seen = person.colour_at(THINGS['red'][2], THINGS['yellow'][2])
    assert shows(seen[0], 'red', person.swatch())
    assert not shows(seen[1], 'yellow', person.swatch())


def test_a_box_finds_what_fills_it(person):
    person.drag(372, 72, 568, 228)
    assert len(person.answered()) == 1
    assert person.text('#question').startswith('Box ')
    assert_answer(person, 'blue')


def test_words_find_what_they_say(person):
    person.page.fill('#text', 'the red thing')
    person.page.click('text=Find')
    rows = person.answered()
    assert len(rows) == 1 and 'the red thing' in rows[0]
    assert_answer(person, 'red')


def test_words_that_fit_nothing_are_answered_too(person):
    person.page.fill('#text', 'the purple thing')
    person.press('Enter')
    assert person.answered() == []
    assert person.page.locator('#nothing').is_visible()


def test_clearing_goes_back_to_the_live_picture(person):
    person.click(*THINGS['red'][1])
    person.answered()
    person.page.click('#clear')
    assert person.page.locator('#answer').is_hidden()
    person.until("held => document.getElementById('stamp').textContent !== held",
                 person.text('#stamp'))


COUNT_FRAMES = """
self.received = 0;
self.Worker = class extends Worker {
  constructor(...how) {
    super(...how);
    this.addEventListener(
      'message', ({ data }) => { self.received += data.message?.kind === 'frame'; });
  }
};"""
NEWER = """held => Number(document.getElementById('stamp').textContent) > Number(held) + 1"""


def test_pause_holds_the_picture_and_stops_the_stream(new_person, url):
    person, other = new_person(), new_person(viewport={'width': 390, 'height': 700})
    person.page.add_init_script(COUNT_FRAMES)
    person.open(url)
    person.page.click('#pause')
    assert person.text('#badge') == 'Paused'
    held = person.text('#stamp')
    person.click(*THINGS['red'][1])  # the server answers what it is told one after the other
    person.answered()
    received = person.page.evaluate('received')
    assert received
    other.until(NEWER, held)
    assert person.text('#stamp') == held
    assert person.page.evaluate('received') == received
    person.page.click('#pause')
    person.until("held => document.getElementById('stamp').textContent !== held", held)
    person.until("() => document.getElementById('badge').textContent === 'Live'")


def test_a_kept_prompt_is_answered_on_later_frames_until_it_is_removed(person, new_person):
    person.click(*THINGS['yellow'][1])
    person.answered()
    asked = person.text('#stamp')
    person.page.click('#keep')
    person.until("asked => document.getElementById('stamp').textContent !== asked", asked)
    person.hold("() => document.querySelector('#kept .now')?.textContent.includes('%')")
    tint = person.swatch('#kept .card', 'borderInlineStartColor')
    assert shows(person.colour_at(THINGS['yellow'][2])[0], 'yellow', tint)
    other = new_person(viewport={'width': 390, 'height': 700})
    other.until("() => document.querySelectorAll('#kept li').length === 1")
    person.page.click('#kept .stop')
    for anyone in (person, other):
        anyone.until("() => document.querySelectorAll('#kept li').length === 0")


def test_all_of_it_by_keyboard(person):
    x, y = THINGS['red'][1]
    person.press(*['Shift+ArrowLeft'] * 2, *['ArrowLeft'] * 11, *['ArrowUp'] * 5)
    person.press('Enter')
    assert len(person.answered()) == 1
    assert_answer(person, 'red')
    assert person.text('#question') != f'Point {x}, {y}'  # it went there by steps
    person.press('Escape')
    assert person.page.locator('#answer').is_hidden()
    person.press(*['ArrowRight'] * 16, *['ArrowUp'] * 7, 'b')
    person.press(*['ArrowRight'] * 15, *['ArrowDown'] * 11, 'b')
    assert len(person.answered()) == 1
    person.press('k')
    person.until("() => document.querySelectorAll('#kept li').length === 1")
    person.press('t')
    person.page.keyboard.type('the yellow thing')
    person.press('Enter')
    assert len(person.answered()) == 1
    assert_answer(person, 'yellow')
    person.press('Escape', ' ')  # out of the field, and on
    person.until("() => document.getElementById('badge').textContent === 'Live'")
    person.page.locator('#kept .stop').focus()
    person.press('Enter')
    person.until("() => document.querySelectorAll('#kept li').length === 0")
    focused = person.page.evaluate('document.activeElement.id')
    assert focused == 'stage'


def test_the_help_names_the_keys_and_letters_can_be_switched_off(person):
    person.press('?')
    assert person.page.locator('#help').is_visible()
    assert 'background point' in person.text('#help')
    person.page.locator('#shortcuts').uncheck()
    person.press('Escape')
    person.press('e')
    assert person.page.locator('#everything').get_attribute('aria-pressed') == 'true'


def test_light_and_dark(person):
    for scheme, levels in (('light', range(200, 256)), ('dark', range(60))):
        person.page.emulate_media(color_scheme=scheme)
        assert int(person.look()[-3, 3].mean()) in levels


def test_on_a_phone_by_finger(new_person):
    person = new_person(
        viewport={'width': 390, 'height': 844}, has_touch=True, is_mobile=True)
    width = person.page.evaluate('document.documentElement.scrollWidth')
    assert width <= 390
    person.page.touchscreen.tap(*person.place(*THINGS['blue'][1]))
    assert len(person.answered()) == 1
    assert_answer(person, 'blue')


WATCH = """() => {
  window.times = [];
  let clicked = 0;
  document.getElementById('frame').addEventListener(
    'pointerup', () => { clicked = performance.now(); }, true);
  new MutationObserver(() => {
    if (!clicked || !document.querySelector('#matches li')) return;
    const from = clicked;
    clicked = 0;
    requestAnimationFrame(() => window.times.push(performance.now() - from));
  }).observe(document.getElementById('matches'), { childList: true });
}"""


def test_the_time_from_click_to_answer(person, capsys):
    person.page.evaluate(WATCH)
    for n in range(CLICKS):
        person.click(*list(THINGS.values())[n % 3][1])
        person.until('n => window.times.length > n', n)
        person.press('Escape')
        person.until("() => document.getElementById('badge').textContent === 'Live'")
    times = person.page.evaluate('window.times')
    assert len(times) == CLICKS
    with capsys.disabled():
        print(f'\nclick to answer on the page: median {statistics.median(times):.0f} ms')
