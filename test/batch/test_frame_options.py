# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment`: options that say how frames follow one another."""

import pytest


@pytest.mark.parametrize(('options', 'words'), [
    (['--every', '3'], '--every means something for videos and bags'),
    (['--fixed', '--every', '2', '--point', '9,9'], '--fixed and --every mean something'),
    (['--every', '2', '--show'], '--every has no effect with --show')])
def test_they_are_refused_for_pictures(fastsam, folder, tmp_path, options, words):
    result = fastsam('segment', folder, '-o', tmp_path / 'out', *options)
    assert result.exit_code == 2
    assert words in ' '.join(result.stderr.replace('│', ' ').split())
    assert not (tmp_path / 'out').exists()
