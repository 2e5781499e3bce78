# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The network that a command's options ask for, also where it is made on another machine."""

from __future__ import annotations

from fastsam_ros.core.errors import NO_WORDS
from fastsam_ros.fastsam import FastSam


def load_network(
    model: str = '',
    trust: bool = False,
    text_model: str = '',
    text_threshold: float = 0.5,
    words: str = '',
    **settings: object,
) -> FastSam:
    """
    Load a network, and a text model beside it where one is named.

    :param model: as `--model`
    :param trust: as `--trust`
    :param text_model: as `--text-model`; '': the names that the network knows alone; 'none':
        no words at all
    :param text_threshold: as `--text-threshold`
    :param words: as `--words`
    :param settings: further arguments of `FastSam`
    :raises FastSamError: when it cannot be had
    """
    matcher = None
    if text_model and text_model != NO_WORDS:
        from fastsam_ros.text.matcher import load_text_model

        matcher = load_text_model(text_model, settings['device'], text_threshold)
    network = FastSam(
        model, trust=trust, matcher=matcher, words=text_model != NO_WORDS and (words or True),
        **settings)
    if network.matcher is not None:
        network.matcher.threshold = text_threshold
    return network
