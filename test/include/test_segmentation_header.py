# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""include/fastsam_ros/segmentation.hpp against the Python codec and pycocotools."""

import json
from pathlib import Path
import shutil
import subprocess

import numpy as np
import pytest

from fastsam_ros.core import RunLengths

HERE, ROOT = Path(__file__).parent, Path(__file__).parents[2]
STRICT = ['-std=c++17', '-O1', '-Wall', '-Wextra', '-Wpedantic', '-Wconversion', '-Werror']
SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all']
RNG = np.random.default_rng(7)


def compile_program(target: Path, *flags: str) -> None:
    if shutil.which('g++') is None:
        pytest.skip('no g++')
    subprocess.run(
        ['g++', *flags, f'-I{ROOT / "include"}', str(HERE / 'try_segmentation.cpp'), '-o',
         str(target)], check=True)


@pytest.fixture(scope='module')
def ask(tmp_path_factory):
    """Give lines to the program and return its answers; it ends at any access out of bounds."""
    program = tmp_path_factory.mktemp('header') / 'program'
    compile_program(program, *STRICT, *SANITIZERS)

    def ask(lines: list[str]) -> list[dict]:
        done = subprocess.run(
            [str(program)], input='\n'.join(lines) + '\n', capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return ask


def words(*parts: object) -> str:
    return ' '.join(str(int(n)) for part in parts for n in np.ravel(part))


def random_masks(count: int) -> list[np.ndarray]:
    """Masks of all sorts: sparse, dense, blocks, empty, full, one pixel wide."""
    masks = [np.zeros((5, 7), bool), np.ones((4, 3), bool), np.ones((1, 1), bool)]
    for _ in range(count):
        height, width = RNG.integers(1, 40, 2)
        mask = RNG.random((height, width)) < RNG.random()
        y, x = RNG.integers(0, (height, width))
        mask[y:, :x] = RNG.random() < 0.5
        masks.append(mask)
    return masks


def paint(mask: np.ndarray) -> list[int]:
    """What the program paints: 1000 on 7, with a margin."""
    return np.pad(np.where(mask, 1000, 7), ((0, 0), (0, 3)), constant_values=7).ravel().tolist()


def test_random_masks_as_the_python_codec_has_them(ask):
    masks = random_masks(300)
    answers = ask([f'mask {words(mask.shape, mask)}' for mask in masks])
    for mask, got in zip(masks, answers, strict=True):
        runs = RunLengths.from_mask(mask)
        assert got['box'] == [runs.x, runs.y, runs.width, runs.height]
        assert got['area'] == [runs.area]
        assert got['counts'] == runs.counts.tolist()
        assert got['contains'] == mask.ravel().astype(int).tolist()
        assert got['painted'] == paint(mask)
        assert got['problem'] == ''


def test_runs_are_whole_and_in_order(ask):
    masks = random_masks(50)
    for mask, got in zip(masks, ask([f'mask {words(m.shape, m)}' for m in masks]), strict=True):
        expected = []
        for y, row in enumerate(mask):
            edges = np.flatnonzero(np.diff(np.pad(row, 1).astype(int)))
            expected += [(y, *pair) for pair in edges.reshape(-1, 2).tolist()]
        assert got['runs'] == [number for run in expected for number in run]


def test_random_masks_in_cocos_format(ask):
    coco = pytest.importorskip('pycocotools.mask', reason='pycocotools is not installed')
    masks = random_masks(100)
    masks.append(np.arange(200 * 300).reshape(200, 300) % 9000 > 4000)  # long runs
    for mask, got in zip(masks, ask([f'mask {words(m.shape, m)}' for m in masks]), strict=True):
        expected = coco.encode(np.asfortranarray(mask.astype(np.uint8)))
        assert bytes(got['coco']) == expected['counts']


@pytest.mark.parametrize('fields, problem', [
    ((9, 9, 2, 2, 3, 3, 4, [0, 4, 5]), ''),
    ((9, 9, 2, 2, 3, 3, 0, [9]), ''),  # a detector's box without a good mask
    ((9, 9, 0, 0, 0, 0, 0, []), ''),
    ((9, 9, 7, 2, 3, 3, 4, [0, 4, 5]), 'the box ends at 10, 5, outside of the image of 9x9'),
    ((9, 9, 2**32 - 1, 2, 3, 3, 4, [0, 4, 5]), 'the box ends at 4294967298, 5'),
    ((9, 9, 2, 2, 3, 3, 4, [0, 4, 4]), 'counts sum to 8, but the box has 9 pixels'),
    ((9, 9, 2, 2, 3, 3, 4, [0, 4, 5, 2**32 - 1]), 'counts sum to 4294967304'),
    ((9, 9, 2, 2, 3, 3, 5, [0, 4, 5]), 'area is 5, but counts hold 4 foreground pixels'),
])
def test_a_message_that_contradicts_itself_is_told(ask, fields, problem):
    answer, = ask([f'message {words(*fields)}'])
    assert answer['problem'].startswith(problem) and bool(answer['problem']) == bool(problem)


def test_no_message_leads_out_of_the_image(ask):
    """Whatever comes over the network; the sanitizers end the program otherwise."""
    lines = []
    for _ in range(400):
        large = RNG.random(7) < 0.2
        numbers = np.where(large, RNG.integers(0, 2**32, 7), RNG.integers(0, 12, 7))
        numbers[2:4] %= 2**16  # width and height: as many runs are listed
        counts = RNG.integers(0, 2**32 if large[6] else 9, RNG.integers(0, 20))
        lines.append(f'message 8 9 {words(numbers[:2], numbers[2:5], counts)}')
    for answer in ask(lines):
        painted = np.reshape(answer['painted'], (8, 12))
        assert (painted[:, 9:] == 7).all()
        if not answer['problem']:
            inside = np.reshape(answer['contains'], (8, 9)) == 1
            np.testing.assert_array_equal(painted[:, :9] == 1000, inside)


def test_it_compiles_with_every_standard_from_17_on(tmp_path):
    for standard in ('-std=c++17', '-std=c++20'):
        compile_program(tmp_path / 'program', *STRICT, standard, '-fsyntax-only')
