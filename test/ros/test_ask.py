# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam ask` against a node on the real graph."""

import json

import pytest
from scripted_model import picture

from fastsam_ros.msg import SegmentationArray

RED, GREEN = (10, 10, 60, 60), (70, 10, 120, 60)


@pytest.fixture(scope='module')
def seen(graph):
    """A node that has segmented a picture of a red and a green square."""
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    graph.publish(picture(red=RED, green=GREEN))
    results.wait()
    return graph


@pytest.fixture
def ask(seen, fastsam):
    """Run `fastsam ask`; the result and what it printed as JSON."""
    def ask(*arguments: str):
        result = fastsam(
            'ask', *arguments, '--node', f'{seen.namespace}/fastsam', '--json', '--wait', '60')
        return result, json.loads(result.stdout)

    return ask


def test_a_point_and_a_background_point(ask):
    result, document = ask('--point', '30,30', '--id', 'red')
    found, = document['segmentations']
    assert result.exit_code == 0 and document['success']
    assert (found['prompt_id'], found['box']) == ('red', [10, 10, 50, 50])
    assert sum(found['counts'][1::2]) == found['area'] == 2500
    result, document = ask('--point', '30,30', '--background', '31,31')
    assert result.exit_code == 0 and document['segmentations'] == []


def test_a_box_and_every_match(ask):
    _, document = ask('--box', '5,5,65,65', '--selection', 'all')
    assert [found['box'] for found in document['segmentations']] == [[10, 10, 50, 50]]
    _, document = ask('--selection', 'all')  # nothing: everything
    assert len(document['segmentations']) == 2


def test_what_is_kept_is_ended_by_its_id(ask, seen):
    _, document = ask('--point', '30,30', '--keep', '--id', 'mine')
    assert document['success']
    _, document = ask('--clear', 'mine')
    assert document['success'] and document['cleared'] == ['mine']
    result, document = ask('--clear', 'mine')
    assert result.exit_code == 1 and 'mine' in document['message']
    assert ask('--clear-all')[1]['success']


def test_people_read_a_line_a_segment(seen, fastsam):
    node = f'{seen.namespace}/fastsam'
    result = fastsam('ask', '--point', '30,30', '--id', 'red', '--node', node)
    assert result.stdout.startswith('red: segment ')
    assert '2500 pixels, at 10,10 50x50' in result.stdout
    result = fastsam('ask', '--point', '30,30', '--background', '31,31', '--node', node)
    assert result.stdout.startswith('nothing there')


def test_why_not_is_said(ask, seen, fastsam):
    result, document = ask('--point', '3000,30')
    assert result.exit_code == 1 and not document['success']
    assert '3000' in document['message']
    node = f'{seen.namespace}/fastsam'
    result = fastsam('ask', '--point', '3000,30', '--node', node)
    assert result.exit_code == 1 and '3000' in result.stderr and result.stdout == ''


def test_a_node_that_is_not_there_is_named_with_those_that_are(seen, fastsam):
    for wait in ('1', '5', '60'):  # a machine under load may take long to find the other one
        result = fastsam('ask', '--point', '3,3', '--node', '/no/such', '--wait', wait)
        assert result.exit_code != 0
        assert 'no node offers /no/such/prompt' in str(result.exception)
        assert 'there is /no/such' not in str(result.exception)
        if f'{seen.namespace}/fastsam' in str(result.exception):
            return
    pytest.fail(str(result.exception))


def test_what_changes_something_is_asked_once_however_often_answers_are_lost(
        seen, fastsam, monkeypatch, capfd):
    from fastsam_ros.ros import client

    monkeypatch.setattr(client, 'AGAIN', 1e-4)  # at each look, whether lost or not
    result = fastsam('ask', '--point', '30,30', '--keep', '--id', 'once', '--json', '--node',
                     f'{seen.namespace}/fastsam', '--wait', '60')
    assert json.loads(result.stdout)['success']
    result = fastsam('ask', '--clear', 'once', '--json', '--node', f'{seen.namespace}/fastsam',
                     '--wait', '60')
    assert json.loads(result.stdout)['cleared'] == ['once']
    assert 'refused' not in capfd.readouterr().err


@pytest.mark.parametrize('arguments', [
    ('--point', '3'), ('--box', '1,2,3'), ('--box', '9,9,3,3'), ('--selection', 'most')])
def test_what_makes_no_sense_is_refused_before_anybody_is_asked(fastsam, arguments):
    result = fastsam('ask', *arguments, '--wait', '0')
    assert result.exit_code == 2, result.exception


def test_a_word_is_taught_by_an_answer(start, fastsam, tmp_path):
    graph = start(words=str(tmp_path / 'words.zip'))
    results = graph.mailbox(SegmentationArray, 'fastsam/segmentations')
    results.at(graph.publish(picture(red=RED, green=GREEN)))

    def ask(*arguments):
        return fastsam('ask', *arguments, '--node', f'{graph.namespace}/fastsam', '--wait', '60')

    result = ask('--point', '30,30', '--teach', 'my mug')
    assert result.exit_code == 0 and result.stdout == "'my mug' has 1 example\n"
    result = ask('--point', '90,30', '--teach', 'my mug', '--counter', '--json')
    document = json.loads(result.stdout)
    assert document['success'] and document['examples'] == 2
    assert ask('my mug', '--id', 'it').stdout.startswith('my mug: segment ')
    result = ask('--point', '65,5', '--teach', 'my mug')
    assert result.exit_code == 1 and 'nothing was learned' in result.output
    assert ask('--point', '30,30', '--teach', 'my mug', '--keep').exit_code == 2
