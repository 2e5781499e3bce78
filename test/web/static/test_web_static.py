# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's JavaScript under TypeScript's and ESLint's eyes, and the page under axe-core's."""

from pathlib import Path
import subprocess

import cv2
from fake_bridge import FakeBridge, frame_packet, segment
from made_picture import SIZE, made_picture
import numpy as np
from page import Person
import pytest
from served import wait_for

from fastsam_ros.core.masks.run_lengths import RunLengths
from fastsam_ros.web.session.hub import Reply
from fastsam_ros.web.session.packets import columns

ROOT = Path(__file__).parents[3]
TOOLS = ROOT / 'node_modules'
SERIOUS = {'serious', 'critical'}
LEFT = np.zeros(SIZE[::-1], bool)
LEFT[:, : SIZE[0] // 2] = True
RUNS = RunLengths.from_mask(LEFT)

pytestmark = pytest.mark.skipif(
    not (TOOLS / 'axe-core').is_dir(),
    reason='npm has not installed what checks the page: install Node.js and run make test again')


@pytest.mark.parametrize('command', [
    ['tsc', '-p', 'jsconfig.json'],
    ['eslint', '--max-warnings', '0', 'fastsam_ros/web/static'],
])
def test_the_script_is_sound(command):
    result = subprocess.run(
        [TOOLS / '.bin' / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def bridge():
    """Answers with the left half of the picture; keeps what it is told to."""
    bridge = FakeBridge()
    table, counts = columns([segment(RUNS, 3, prompt_id='mine', prompt_score=0.8, label='wall')])
    bridge.replies = [Reply(True, '', ({
        'id': 'mine', 'camera': '', 'stamp': [1, 5], 'width': SIZE[0], 'height': SIZE[1],
        'segments': table}, counts))]
    return bridge


def opened(browser, served, **window):
    """A person who looks at a frame."""
    # axe-core is put into the page, which the page's own policy forbids to others.
    person = Person(browser.new_context(bypass_csp=True, **window).new_page(), SIZE)
    person.page.goto(served.url())
    wait_for(lambda: '' in served.bridge.watched, lambda: person.page.wait_for_timeout(10))
    picture = cv2.imencode('.jpg', made_picture()[..., ::-1])[1].tobytes()
    served.bridge.deliver(frame_packet('', (1, 5), picture, [segment(RUNS, 3)], SIZE))
    person.page.wait_for_selector('#frame:not([hidden])')
    person.page.add_script_tag(path=TOOLS / 'axe-core' / 'axe.min.js')
    return person


def findings(person):
    """What axe-core calls serious or worse, by WCAG 2.2 AA."""
    result = person.page.evaluate("""() => axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })""")
    return [f"{entry['id']}: {entry['nodes'][0]['html'][:120]}"
            for entry in result['violations'] if entry['impact'] in SERIOUS]


@pytest.mark.parametrize('scheme', ['light', 'dark'])
@pytest.mark.parametrize('width, height', [(1400, 900), (390, 844)])
def test_everybody_can_use_the_page(browser, serve, bridge, scheme, width, height):
    person = opened(
        browser, serve(bridge), color_scheme=scheme, reduced_motion='reduce',
        viewport={'width': width, 'height': height})
    assert findings(person) == []
    person.click(100, 100)
    person.answered()
    assert findings(person) == []
    person.page.click('#keep')
    person.until("() => document.querySelectorAll('#kept li').length === 1")
    assert findings(person) == []
    person.page.click('#help-button')
    assert findings(person) == []
    bridge.replies = [Reply(False, 'no text model is loaded', error=7)]
    person.press('Escape')
    person.page.fill('#text', 'a purple cow')
    person.page.click('text=Find')
    person.page.wait_for_selector('#unknown:not([hidden])')
    assert person.page.locator('#error').is_hidden(), 'a word that is not known is no alarm'
    assert findings(person) == []
    assert person.errors == []
    person.page.context.close()
