# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The command as a whole: help, errors, exit codes, completion, and `models`."""

import json
import os
from pathlib import Path
import struct
import subprocess
import sys
import zlib

from PIL import Image
import pytest
from typer.testing import CliRunner

from fastsam_ros import models
from fastsam_ros.cli import app


def run_main(monkeypatch, *arguments):
    monkeypatch.setattr(sys, 'argv', ['fastsam', *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        app.main()
    return ended.value.code


def test_what_goes_wrong_is_said_in_one_line_with_exit_code_1(monkeypatch, capsys, tmp_path):
    picture = tmp_path / 'picture.png'
    picture.touch()
    assert run_main(monkeypatch, 'segment', picture, '--model', 'nowhere.onnx') == 1
    captured = capsys.readouterr()
    assert captured.out == ''
    assert captured.err.startswith('error: ') and 'nowhere.onnx' in captured.err
    assert captured.err.count('\n') == 1


def test_an_untrusted_pickle_is_refused_with_its_sum(monkeypatch, capsys, tmp_path):
    torch = pytest.importorskip('torch', reason='only torch writes checkpoints')
    path, picture = tmp_path / 'my.pt', tmp_path / 'picture.png'
    torch.save({'model': 1}, path)
    picture.touch()
    assert run_main(monkeypatch, 'segment', picture, '--model', path) == 1
    error = capsys.readouterr().err
    assert models.sha256(path) in error and '--trust' in error


@pytest.mark.parametrize(
    'command', ['segment', 'export', 'evaluate', 'models', 'doctor', 'benchmark'])
def test_every_command_explains_itself(fastsam, command):
    result = fastsam(command, '--help')
    assert result.exit_code == 0 and len(result.stdout.splitlines()) > 8


def test_help_and_completion_load_no_model_library():
    """They have to answer at once."""
    code = (
        'import sys; from fastsam_ros.cli import app; '
        'heavy = {"openvino", "torch", "onnxruntime", "av", "rosbags"} & set(sys.modules); '
        'assert not heavy, heavy'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    'typed, expected',
    [
        ('fastsam se', {'segment'}),
        ('fastsam segment --format o', {'overlay'}),
        ('fastsam segment --model Fast', {'FastSAM-s.pt', 'FastSAM-x.pt'}),
        ('fastsam export --to o', {'onnx', 'openvino'}),
        ('fastsam models v', {'verify'}),
    ],
)
def test_a_shell_completes(typed, expected):
    environment = {
        '_FASTSAM_COMPLETE': 'complete_bash',
        'COMP_WORDS': typed,
        'COMP_CWORD': str(len(typed.split()) - 1),
    }
    result = CliRunner().invoke(app.app, [], env=environment, prog_name='fastsam')
    assert set(result.stdout.split()) == expected


def test_models_are_listed_with_where_they_are(fastsam, monkeypatch, tmp_path):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    rows = {row['name']: row for row in json.loads(fastsam('models', 'list', '--json').stdout)}
    assert rows['fastsam-n']['path'] == str(models.shipped())
    assert set(models.PUBLISHED) <= set(rows) and rows['FastSAM-s.pt']['path'] is None
    assert 'FastSAM-s.pt' in fastsam('models', 'list').stdout
    assert fastsam('models', 'where').stdout.strip() == str(tmp_path)
    assert fastsam('models', 'where', 'fastsam-n').stdout.strip() == str(models.shipped())


def test_a_damaged_model_fails_verification(fastsam, monkeypatch, tmp_path):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    assert fastsam('models', 'verify').exit_code == 0
    (tmp_path / 'FastSAM-s.pt').write_bytes(b'not the checkpoint')
    result = fastsam('models', 'verify', '--json')
    (row,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert row['name'] == 'FastSAM-s.pt' and not row['sound'] and '18 bytes' in row['finding']


def test_a_model_is_fetched_from_where_it_is_published(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))
    path = tmp_path / 'fetched.pt'

    def fetch(name, progress):
        path.write_bytes(b'abc')
        progress(3, 3)
        return path

    monkeypatch.setattr(models, 'fetch', fetch)
    result = CliRunner().invoke(app.app, ['models', 'get', 'FastSAM-s'])
    assert result.exit_code == 0, result.exception
    assert result.stdout.strip() == str(path) and 'AGPL-3.0' in result.stderr


@pytest.fixture
def typed(tmp_path):
    """Run the command as an installed one is: sys.path begins with its own folder."""
    root, program = Path(__file__).parents[2], tmp_path / 'bin' / 'fastsam'
    program.parent.mkdir()
    program.write_text('from fastsam_ros.cli.app import main\nmain()\n')

    def run(*arguments, cwd):
        return subprocess.run(
            [sys.executable, program, *arguments], cwd=cwd, capture_output=True, text=True,
            env={**os.environ, 'PYTHONPATH': str(root)}, timeout=240)

    return run


def png_header(width, height):
    """A grey picture that ends before its first pixel, so that it costs no memory."""
    chunk = b'IHDR' + struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)
    return b'\x89PNG\r\n\x1a\n' + struct.pack('>I', 13) + chunk + struct.pack(
        '>I', zlib.crc32(chunk)) + struct.pack('>I', 0) + b'IDAT' + struct.pack(
        '>I', zlib.crc32(b'IDAT'))


def test_of_pictures_that_cannot_be_done_no_library_says_anything_beside(tmp_path):
    Image.new('1', (70_000, 10)).save(tmp_path / 'wide.png')
    (tmp_path / 'large.png').write_bytes(png_header(21_000, 21_000))
    done = subprocess.run(
        [sys.executable, '-m', 'fastsam_ros', 'segment', 'large.png', 'wide.png',
         '--image-size', '128', '--precision', 'fp32'], cwd=tmp_path, capture_output=True,
        text=True, env={**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)})
    assert done.returncode == 1
    said = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(said) == 4, done.stderr
    assert said[0] == '2 could not be done:'
    assert '400,000,000 pixels' in done.stderr and 'more than .jpg holds' in done.stderr


def make_program(folder, *others):
    """Make what looks like a benchmark."""
    for name in ('benchmark/__init__.py', 'benchmark/__main__.py', *others):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text('def main(words):\n    print("measured", *words)\n')


def test_the_benchmark_of_the_checkout_at_hand_is_run(typed, tmp_path):
    make_program(tmp_path, 'fastsam_ros/cli/app.py')
    done = typed('benchmark', '--quick', cwd=tmp_path)
    assert done.returncode == 0 and done.stdout == 'measured --quick\n', done.stderr


def test_outside_a_checkout_no_other_benchmark_is_run(typed, tmp_path):
    make_program(tmp_path)
    done = typed('benchmark', cwd=tmp_path)
    assert done.returncode == 1 and done.stdout == ''
    assert done.stderr.startswith('error: ') and 'run this in a checkout' in done.stderr


def test_the_names_that_a_model_knows(fastsam, tmp_path, monkeypatch, capsys):
    names = json.loads(fastsam('models', 'names', '--json').stdout)
    assert len(names) == 80 and 'screen' in names['tv']
    listed = fastsam('models', 'names').stdout
    assert 'dining table' in listed and 'kitchen table' in ' '.join(listed.split())
    (tmp_path / 'mine.onnx').touch()
    assert run_main(monkeypatch, 'models', 'names', '--model', tmp_path / 'mine.onnx') == 1
    assert 'mine.meta.json' in capsys.readouterr().err
