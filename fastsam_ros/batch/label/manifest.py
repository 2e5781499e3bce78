# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""What the labels in a folder were made with; labels of anything else are never mixed in."""

from __future__ import annotations

from collections.abc import Sequence
import hashlib
import json

from fastsam_ros import __version__, models
from fastsam_ros.core.errors import OutputError
from fastsam_ros.core.prompts import Prompt
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.storage import Place

NAME = 'manifest.json'
WRITER = 'fastsam_ros: fastsam label'
SETTINGS = ('runtime', 'precision', 'image_size', 'confidence', 'iou', 'max_segments')


def describe(
    model: FastSam, prompts: Sequence[Prompt], source: str, chunk: int, topic: str
) -> dict:
    """
    Everything that labels depend on.

    The device is left out: machines may differ, as long as runtime and precision agree.

    :param model: the network
    :param prompts: what is asked; none: everything
    :param source: as it was typed
    :param chunk: pictures of a folder in one partition
    :param topic: of the images in bags
    """
    return {
        'fastsam_ros': __version__,
        'model': {'name': model.name, 'sha256': models.sha256(model.path)},
        **{name: getattr(model, name) for name in SETTINGS},
        'text': [getattr(model.matcher, name, None) for name in ('name', 'threshold')],
        'words': getattr(model.words, 'digest', None),
        'prompts': [_prompt(prompt) for prompt in prompts],
        'source': source,
        'chunk': chunk,
        'topic': topic,
    }


def _prompt(prompt: Prompt) -> dict:
    box = None if prompt.box is None else prompt.box.tolist()
    return {
        'points': prompt.points.tolist(),
        'labels': prompt.labels.tolist(),
        'box': box,
        'text': prompt.text,
        'selection': prompt.selection.name.lower(),
    }


def fingerprint(described: dict) -> str:
    """What two runs must have in common, in 16 letters."""
    # Labels without words keep the fingerprint that they had before words were noted.
    noted = {
        name: value for name, value in described.items() if name != 'words' or value is not None}
    text = json.dumps(noted, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def claim(output: Place, described: dict) -> str:
    """
    Make a folder this run's, or find that it is already.

    :param output: the folder
    :param described: from `describe`
    :return: the fingerprint
    :raises OutputError: when it holds something else, or labels that were made with something else
    """
    mark = fingerprint(described)
    path = output / NAME
    if not path.exists():
        # Looked for again: another machine may have made it and begun to write.
        if output.exists() and output.list() and not path.exists():
            raise OutputError(f'{output} is not empty and holds no {NAME} of fastsam label: give '
                              'another --output')
        path.create_json({'written_by': WRITER, 'fingerprint': mark, 'labels': described})
    found = path.read_json()  # maybe of another machine that was faster
    if found.get('written_by') != WRITER:
        raise OutputError(f'{path} was not written by fastsam label: give another --output')
    _compare(output, found.get('labels', {}), described)
    return mark


def _compare(output: Place, found: dict, described: dict) -> None:
    described = json.loads(json.dumps(described))
    different = [
        f'{name} is {json.dumps(found.get(name))} there and {json.dumps(described[name])} here'
        for name in described if found.get(name) != described[name]]
    if different:
        raise OutputError(
            f'{output} holds labels that were made otherwise: {"; ".join(different)}. Give '
            'another --output, or the same options')


def read_manifest(output: Place) -> dict:
    """
    The manifest of a folder of labels.

    :raises OutputError: when it is none
    """
    path = output / NAME
    if not path.exists():
        raise OutputError(f'{output} holds no {NAME}: it is no folder that fastsam label wrote')
    return path.read_json()['labels']
