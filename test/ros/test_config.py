# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""RViz's file against the topics that the node really has."""

from pathlib import Path

import yaml

FILE = Path(__file__).parents[2] / 'config' / 'fastsam.rviz'


def test_rviz_shows_camera_overlay_label_map_and_mask(graph):
    displays = yaml.safe_load(FILE.read_text())['Visualization Manager']['Displays']
    topics = {display['Name']: display['Topic'] for display in displays}
    assert list(topics) == ['Camera', 'Overlay', 'Label map', 'Mask']
    assert topics.pop('Camera')['Value'] == '/image'
    published = {name.removeprefix(graph.namespace): dict(kinds=kinds) for name, kinds in (
        graph.node.get_publisher_names_and_types_by_node('fastsam', graph.namespace))}
    for name, topic in topics.items():
        assert published[topic['Value']]['kinds'] == ['sensor_msgs/msg/Image'], name


def test_rviz_asks_for_the_mask_as_it_is_latched():
    displays = yaml.safe_load(FILE.read_text())['Visualization Manager']['Displays']
    mask = next(display for display in displays if display['Name'] == 'Mask')
    assert mask['Topic']['Durability Policy'] == 'Transient Local'
