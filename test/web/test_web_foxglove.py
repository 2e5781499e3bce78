# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The Foxglove layout names what the node has."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYOUT = json.loads((ROOT / 'config' / 'foxglove.json').read_text())
PANELS = LAYOUT['configById']
TOPICS = {'/image', '/diagnostics', *(
    f'/fastsam/{name}' for name in ('segmentations', 'prompted', 'mask', 'label_map', 'overlay',
                               'answer_overlay', 'points', 'markers', 'prompted/markers'))}


def placed(part):
    """Panels of a part of the layout."""
    return [part] if isinstance(part, str) else placed(part['first']) + placed(part['second'])


def strings(value):
    """Every text in a value, however deep."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [value] if isinstance(value, str) else []


def test_every_panel_has_its_place_and_its_settings():
    assert sorted(placed(LAYOUT['layout'])) == sorted(PANELS)


def test_every_topic_is_one_of_the_node():
    services = {panel['serviceName'] for panel in PANELS.values() if 'serviceName' in panel}
    named = {text for text in strings(PANELS) if text.startswith('/')}
    assert named - services <= TOPICS
    assert {'/fastsam/overlay', '/fastsam/mask', '/diagnostics'} <= named


def test_every_request_is_one_that_the_service_takes():
    services = pytest.importorskip('fastsam_ros.srv', reason='no ROS here')
    messages = pytest.importorskip('fastsam_ros.msg', reason='no ROS here')
    requests = {
        panel['serviceName']: json.loads(panel['requestPayload'])
        for panel in PANELS.values() if 'serviceName' in panel}
    ask, clear = requests['/fastsam/prompt'], requests['/fastsam/clear_prompts']
    assert_fields(ask, services.Prompt.Request)
    assert_fields(clear, services.ClearPrompts.Request)
    assert ask['prompts']
    for prompt in ask['prompts']:
        assert_fields(prompt, messages.Prompt)
        assert {key for point in prompt['points'] for key in point} == {'x', 'y', 'z'}


def assert_fields(values, kind):
    assert values
    assert set(values) <= set(kind.get_fields_and_field_types())
