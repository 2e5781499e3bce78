# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Words that somebody taught by showing examples, without training and without a second network.

    example.py   one example: its picture, its mask, and what it looks like to each network
    file.py      all words in one file, read and written whole
    learned.py   the words as one network knows them: thresholds and scores
    store.py     Words: teach, forget, and what another program taught meanwhile
    matcher.py   texts and labels answered by taught words first
"""

from fastsam_ros.text.words.file import user_file
from fastsam_ros.text.words.store import Words

__all__ = ['Words', 'user_file']
