# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam segment`: options that nothing here would hear are refused."""

import pytest


@pytest.mark.parametrize(('options', 'words'), [
    (['--every', '3'], '--every means something for videos and bags'),
    (['--fixed', '--every', '2', '--point', '9,9'], '--fixed and --every mean something'),
    (['--depth', '--topic', 'left'], '--topic and --depth mean something for bags'),
    (['--depth-topic', 'left'], '--depth-topic means something for bags'),
    (['--annotations', 'JSON'], '--annotations cannot be given without --format coco')])
def test_they_are_refused_for_pictures(fastsam, folder, tmp_path, options, words):
    (tmp_path / 'instances.json').write_text('{"images": []}')
    options = [tmp_path / 'instances.json' if word == 'JSON' else word for word in options]
    result = fastsam('segment', folder, '-o', tmp_path / 'out', *options)
    assert result.exit_code == 2
    assert words in said(result)
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('options', [
    ['--every', '2'], ['--output', 'there'], ['--format', 'masks'], ['--fresh'], ['--json'],
    ['--topic', 'left'], ['--depth'], ['--depth-topic', 'left'], ['--no-track'],
    ['--annotations', 'a.json']])
def test_a_window_hears_nothing_of_files(fastsam, folder, options):
    result = fastsam('segment', folder, '--show', *options)
    assert result.exit_code == 2
    assert f'{options[0]} cannot be given with --show' in said(result)


def said(result):
    return ' '.join(result.stderr.replace('│', ' ').split())
