# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""From the node's parameters to a model."""

from __future__ import annotations

from collections.abc import Mapping

from fastsam_ros.core.errors import NO_WORDS
from fastsam_ros.core.scene import Matcher
from fastsam_ros.fastsam import FastSam

# Settings that change while it runs.
LIVE = (
    'confidence', 'iou', 'apart', 'max_segments', 'image_size', 'similar_threshold', 'clean',
    'grow', 'refine')
FIXED = ('device', 'precision', 'streams', 'trust')


def load_model(make: type[FastSam], values: Mapping[str, object]) -> FastSam:
    """
    Load the network, and a text model where one is named.

    :param make: `FastSam`, or what stands for it
    :param values: the node's parameters
    :raises FastSamError: when one of them cannot be loaded
    """
    words = values['text_model'] != NO_WORDS and (values['words'] or True)
    return make(
        values['model'], matcher=_matcher(values), words=words,
        **{name: values[name] for name in (*FIXED, *LIVE)})


def _matcher(values: Mapping[str, object]) -> Matcher | None:
    if values['text_model'] in ('', NO_WORDS):
        return None
    from fastsam_ros.text.matcher import load_text_model

    gates = ('min_area', 'overlap', 'max_candidates')
    return load_text_model(
        values['text_model'], values['text_device'], values['text_threshold'],
        **{name: values[f'text_{name}'] for name in gates})


def apply_settings(model: FastSam, values: Mapping[str, object]) -> None:
    """Give a model the settings that may have changed."""
    for name in LIVE:
        setattr(model, name, values[name])
    if model.matcher is not None:
        model.matcher.threshold = values['text_threshold']
