# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RViz's file and the page of topics, against the topics that the node really has."""

from pathlib import Path

import pytest
import yaml

FILE = Path(__file__).parents[2] / 'config' / 'fastsam.rviz'


@pytest.fixture(scope='module')
def layout() -> dict:
    return yaml.safe_load(FILE.read_text())


@pytest.fixture(scope='module')
def displays(layout) -> dict:
    found = layout['Visualization Manager']['Displays']
    return {d['Name']: d for d in found if d['Class'].endswith('/Image')}


def test_rviz_shows_what_the_node_says_of_things_in_space(start, layout):
    graph = start(depth=True)
    found = layout['Visualization Manager']['Displays']
    kinds = {d['Topic']['Value']: d['Class'].split('/')[1] for d in found}
    shown = {topic: kind for topic, kind in kinds.items() if kind != 'Image'}
    assert [*shown.values()] == ['PointCloud2', 'MarkerArray', 'MarkerArray']
    published = dict(
        graph.node.get_publisher_names_and_types_by_node('fastsam', graph.namespace))
    for topic, kind in shown.items():
        assert published[f'{graph.namespace}/{topic}'][0].rpartition('/')[2] == kind


def test_rviz_shows_what_the_node_sees_and_says(graph, displays):
    topics = {name: display['Topic']['Value'] for name, display in displays.items()}
    assert list(topics) == ['Camera', 'Overlay', 'Answer', 'Mask', 'Label map']
    assert topics.pop('Camera') == 'image'
    published = dict(
        graph.node.get_publisher_names_and_types_by_node('fastsam', graph.namespace))
    for name, topic in topics.items():  # relative: RViz in a namespace shows that node
        assert published[f'{graph.namespace}/{topic}'] == ['sensor_msgs/msg/Image'], name


def test_rviz_asks_for_what_is_latched_as_it_is(graph, displays):
    ends = {
        name: graph.node.get_publishers_info_by_topic(
            f'{graph.namespace}/{display["Topic"]["Value"]}')
        for name, display in displays.items() if name != 'Camera'}
    offered = {name: end.qos_profile.durability.name for name, (end,) in ends.items()}
    asked = {
        name: displays[name]['Topic']['Durability Policy'].upper().replace(' ', '_')
        for name in offered}
    assert asked == offered and offered['Answer'] == 'TRANSIENT_LOCAL'


def test_numbers_in_the_label_map_are_not_stretched(displays):
    """A number would change its grey with each frame's largest."""
    label_map = displays['Label map']
    assert label_map['Normalize Range'] is False
    assert (label_map['Min Value'], label_map['Max Value']) == (0, 60)


def test_the_window_is_laid_out(layout, displays):
    """What RViz reads without asking whether it is there, and where each dock goes."""
    geometry = layout['Window Geometry']
    assert geometry['Hide Left Dock'] is geometry['Hide Right Dock'] is False
    state = bytes.fromhex(geometry['QMainWindow State'])
    for dock in ('Displays', 'Time', 'Tools', *displays):  # Qt writes names in UTF-16
        assert dock.encode('utf-16-be') in state
        assert dock == 'Tools' or dock in geometry


def test_the_page_of_topics_names_each_of_the_nodes_own(graph):
    page = (FILE.parents[1] / 'docs' / 'reference' / 'topics.md').read_text()
    own = f'{graph.namespace}/fastsam/'
    published, services = (
        {name.replace(own, '~/') for name, kinds in found if name.startswith(own)}
        for found in (
            graph.node.get_publisher_names_and_types_by_node('fastsam', graph.namespace),
            [(name, kinds) for name, kinds in graph.node.get_service_names_and_types()
             if kinds[0].startswith('fastsam_ros/')]))
    assert {'~/segmentations'} < published and {'~/prompt', '~/clear_prompts'} <= services
    named = published - {'~/transition_event'} | services
    assert [name for name in sorted(named) if f'`{name}`' not in page] == []
