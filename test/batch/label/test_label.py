# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""`fastsam label`: the same rows however the work is shared, and what goes wrong in words."""

import errno
import json
import tarfile

from command_line import contents
import cv2
import fsspec
import numpy as np
from pycocotools import mask as coco_mask
import pytest

from fastsam_ros.batch.label.partitions import list_partitions, take_shard
from fastsam_ros.fastsam import FastSam
from fastsam_ros.media.coco import encode
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.parquet import ParquetWriter, read_rows


def pack(folder, tar, compress=''):
    with tarfile.open(tar, f'w:{compress}') as archive:
        for path in sorted(folder.rglob('*.png')):
            archive.add(path, f'./{path.relative_to(folder)}')
            archive.addfile(tarfile.TarInfo(f'./{path.stem}.json'))
    return tar


def test_rows_hold_the_masks_of_the_library(label, rows, pictures, tmp_path):
    result = label(pictures, tmp_path / 'out')
    assert result.exit_code == 0, result.stderr
    model = FastSam(image_size=96, confidence=0.1, precision='fp32')
    found = rows(tmp_path / 'out')
    names = {path.relative_to(pictures).as_posix() for path in pictures.rglob('*.png')}
    assert set(found) == names and len(names) == 10
    for key, row in found.items():
        scene = model(read_picture(pictures / key))
        assert (row['height'], row['width']) == (scene.height, scene.width)
        assert [s['area'] for s in row['segments']] == scene.areas.tolist()
        assert [s['score'] for s in row['segments']] == scene.scores.tolist()
        for segment, mask in zip(row['segments'], scene.masks()):
            x, y, width, height = segment['box']
            flat = np.repeat(np.arange(len(segment['counts'])) % 2, segment['counts'])
            window = mask[y : y + height, x : x + width]
            assert np.array_equal(flat.reshape(height, width), window)
            assert window.sum() == mask.sum() == segment['area']
    assert sum(len(row['segments']) for row in found.values()) > 20


def test_rows_are_read_back_as_results(label, pictures, tmp_path):
    label(pictures, tmp_path / 'out')
    (file, *_) = sorted((tmp_path / 'out' / 'labels').iterdir())
    model = FastSam(image_size=96, confidence=0.1, precision='fp32')
    for key, result in read_rows(file):
        masks = model(read_picture(pictures / key)).masks()
        size = (result.height, result.width)
        made = [coco_mask.decode(encode(runs, *size)) for runs in result.runs]
        assert np.array_equal(np.array(made, bool), masks)


def test_shards_give_the_same_files_as_one_process(label, pictures, tmp_path):
    assert label(pictures, tmp_path / 'one').exit_code == 0
    for shard in ('2/2', '1/2'):
        assert label(pictures, tmp_path / 'two', '--shard', shard).exit_code == 0
    assert contents(tmp_path / 'one') == contents(tmp_path / 'two')
    assert len(list((tmp_path / 'one' / 'labels').iterdir())) == 3


def test_a_slurm_array_knows_its_shards(label, pictures, tmp_path, monkeypatch):
    assert label(pictures, tmp_path / 'one').exit_code == 0
    monkeypatch.setenv('SLURM_ARRAY_TASK_COUNT', '2')
    monkeypatch.setenv('SLURM_ARRAY_TASK_MIN', '5')
    monkeypatch.setenv('SLURM_ARRAY_TASK_STEP', '5')
    done = []
    for task in ('5', '10'):
        monkeypatch.setenv('SLURM_ARRAY_TASK_ID', task)
        done.append(json.loads(label(pictures, tmp_path / 'two', '--json').stdout)['partitions'])
    assert done == [2, 1] and contents(tmp_path / 'one') == contents(tmp_path / 'two')


@pytest.mark.parametrize('shard', ['0/2', '3/2', '2', 'a/b', '1/0', '-1/2'])
def test_a_shard_that_is_none_is_a_usage_error(label, pictures, tmp_path, shard):
    result = label(pictures, tmp_path / 'out', f'--shard={shard}')
    assert result.exit_code == 2 and not (tmp_path / 'out').exists()


def test_every_partition_is_in_one_shard_whatever_the_count(pictures):
    partitions = list_partitions(str(pictures), chunk=1)
    assert len(partitions) == 10
    for count in (1, 3, 7, 12):
        shards = [take_shard(partitions, (number, count)) for number in range(1, count + 1)]
        assert sorted(p.name for shard in shards for p in shard) == sorted(
            p.name for p in partitions)


@pytest.mark.parametrize('compress', ['', 'gz'])
def test_a_tar_gives_the_rows_of_its_folder(label, rows, pictures, tmp_path, compress):
    pack(pictures, tmp_path / 'shard.tar', compress)
    assert label(tmp_path / 'shard.tar', tmp_path / 'out').exit_code == 0
    assert label(pictures, tmp_path / 'plain').exit_code == 0
    plain, tarred = rows(tmp_path / 'plain'), rows(tmp_path / 'out')
    assert set(tarred) == {f'shard.tar/{key}' for key in plain}
    assert all(tarred[f'shard.tar/{key}']['segments'] == row['segments']
               for key, row in plain.items())


@pytest.mark.parametrize('cut', [0.5, 0.97])
def test_a_tar_that_ends_too_early_gives_what_came_before(label, rows, pictures, tmp_path, cut):
    tar = pack(pictures, tmp_path / 'shard.tar')
    data = tar.read_bytes().rstrip(b'\0')
    tar.write_bytes(data[: int(len(data) * cut)])
    (pictures / 'zero.png').touch()
    (tmp_path / 'all.txt').write_text(f'# both\n{tar}\n\n{pictures}\n')
    result = label(tmp_path / 'all.txt', tmp_path / 'out', '--json')
    assert result.exit_code == 1
    failed = {row['key']: row['error'] for row in json.loads(result.stdout)['failed']}
    assert set(failed) == {'shard.tar', 'pictures/zero.png'}
    assert 'cannot be read to its end' in failed['shard.tar']
    found = rows(tmp_path / 'out')
    assert 0 < sum(key.startswith('shard.tar/') for key in found) < 10
    assert sum(key.startswith('pictures/') for key in found) == 10


def test_what_is_no_tar_at_all_has_no_labels_and_the_rest_has(label, pictures, tmp_path):
    (pictures / 'bad.tar').write_bytes(b'not a tar' * 100)
    for _ in range(2):
        result = label(pictures, tmp_path / 'out', '--json')
        summary = json.loads(result.stdout)
        assert result.exit_code == 1 and summary['pictures'] == 10
        assert [row['key'] for row in summary['failed']] == ['bad.tar']
    assert not (tmp_path / 'out' / 'labels' / 'bad.tar.parquet').exists()


def test_failures_are_noted_tried_again_on_request_and_may_be_too_many(label, pictures, tmp_path):
    whole = (pictures / '1.png').read_bytes()
    (pictures / '1.png').write_bytes(whole[:300])
    first = label(pictures, tmp_path / 'out', '--json')
    assert first.exit_code == 1 and json.loads(first.stdout)['pictures'] == 9
    (pictures / '1.png').write_bytes(whole)
    assert json.loads(label(pictures, tmp_path / 'out', '--json').stdout)['pictures'] == 9
    again = label(pictures, tmp_path / 'out', '--json', '--retry')
    assert again.exit_code == 0 and json.loads(again.stdout)['pictures'] == 10
    label(pictures, tmp_path / 'never')
    assert {k: v for k, v in contents(tmp_path / 'out').items() if 'failures' not in k} == (
        contents(tmp_path / 'never'))
    for path in pictures.rglob('*.png'):
        path.write_bytes(b'')
    ended = label(pictures, tmp_path / 'bad', '--max-failures', '3')
    assert 'more than --max-failures 3' in str(ended.exception)


def test_a_picture_that_is_added_makes_its_partition_new(label, rows, pictures, tmp_path):
    assert label(pictures, tmp_path / 'out').exit_code == 0
    times = {p: p.stat().st_mtime_ns for p in (tmp_path / 'out' / 'labels').iterdir()}
    view = cv2.imread(str(pictures / '1.png'))
    cv2.imwrite(str(pictures / 'deep/zz.png'), view[:, ::-1])
    assert label(pictures, tmp_path / 'out').exit_code == 0
    assert 'deep/zz.png' in rows(tmp_path / 'out') and len(rows(tmp_path / 'out')) == 11
    changed = [p.name for p, time in times.items() if p.stat().st_mtime_ns != time]
    assert changed == ['pictures-000002.parquet']


@pytest.mark.parametrize('option', [('--confidence', '0.2'), ('--point', '30,30'),
                                    ('--image-size', '64')])
def test_labels_of_other_settings_are_not_mixed_in(label, pictures, tmp_path, option):
    assert label(pictures, tmp_path / 'out').exit_code == 0
    before = contents(tmp_path / 'out')
    result = label(pictures, tmp_path / 'out', *option)
    assert result.exit_code == 2 and 'made otherwise' in ' '.join(result.stderr.split())
    assert contents(tmp_path / 'out') == before


def test_a_folder_of_something_else_is_refused(label, pictures, tmp_path):
    (tmp_path / 'out').mkdir()
    (tmp_path / 'out' / 'thesis.txt').write_text('mine')
    result = label(pictures, tmp_path / 'out')
    assert result.exit_code == 2 and 'give another --output' in ' '.join(result.stderr.split())
    (tmp_path / 'out' / 'manifest.json').write_text('{"mine": 1}')
    assert label(pictures, tmp_path / 'out').exit_code == 2
    assert set(contents(tmp_path / 'out')) == {'thesis.txt', 'manifest.json'}


def test_a_full_disk_ends_the_run_and_the_next_goes_on(label, pictures, tmp_path, monkeypatch):
    write, left = ParquetWriter.write, [6]

    def full(self, key, result):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, 'No space left on device')
        write(self, key, result)

    monkeypatch.setattr(ParquetWriter, 'write', full)
    ended = label(pictures, tmp_path / 'out')
    assert isinstance(ended.exception, OSError)
    assert [p.name for p in (tmp_path / 'out' / 'labels').iterdir()] == ['pictures-000000.parquet']
    monkeypatch.undo()
    assert label(pictures, tmp_path / 'out').exit_code == 0
    assert label(pictures, tmp_path / 'whole').exit_code == 0
    assert contents(tmp_path / 'out') == contents(tmp_path / 'whole')


def test_urls_are_read_and_written(label, rows, pictures, tmp_path):
    memory = fsspec.filesystem('memory')
    memory.put(str(pictures), '/bucket/pictures', recursive=True)
    for _ in range(2):
        result = label('memory://bucket/pictures', 'memory://bucket/out')
        assert result.exit_code == 0, result.exception
    memory.get('/bucket/out', str(tmp_path / 'out'), recursive=True)
    memory.rm('/bucket', recursive=True)
    assert label(pictures, tmp_path / 'here').exit_code == 0
    assert rows(tmp_path / 'out') == rows(tmp_path / 'here')


def test_prompts_choose_as_in_segment(label, rows, pictures, tmp_path):
    point = ('--point', '40,30', '--selection', 'all')
    assert label(pictures, tmp_path / 'out', *point).exit_code == 0
    model = FastSam(image_size=96, confidence=0.1, precision='fp32')
    for key, row in rows(tmp_path / 'out').items():
        answer = model(read_picture(pictures / key)).prompt([(40, 30)], selection='all')
        assert [s['prompt_score'] for s in row['segments']] == answer.scores.tolist()
        assert all(s['prompt'] == 0 for s in row['segments'])


@pytest.mark.parametrize('source, words', [
    ('nowhere', 'does not exist'), ('empty', 'holds no picture'), ('x.pdf', 'neither a folder')])
def test_a_source_of_nothing_is_a_usage_error(label, tmp_path, source, words):
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'x.pdf').touch()
    result = label(tmp_path / source, tmp_path / 'out')
    assert result.exit_code == 2 and words in ' '.join(result.stderr.replace('│', ' ').split())


@pytest.mark.parametrize('option', ['--workers', '--gpus'])
def test_what_ray_alone_hears_is_refused_without_it(label, pictures, tmp_path, option):
    result = label(pictures, tmp_path / 'out', option, '2')
    assert result.exit_code == 2
    assert f'{option} cannot be given without --ray' in ' '.join(result.stderr.split())
    assert not (tmp_path / 'out').exists()
