# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Tars as training input give what the folder gives that they were made from."""

import io
import json
import tarfile

import numpy as np
from pycocotools import mask as coco_mask
import pytest

from training import train
from training.data.samples import read_folder


@pytest.fixture
def tars(coco, tmp_path):
    """The pictures of the COCO folder in two tars, with SA-1B's JSON beside each."""
    folder = tmp_path / 'tars'
    folder.mkdir()
    for number, sample in enumerate(read_folder(coco)):
        height, width = sample.size
        rows = [{'segmentation': {**mask, 'counts': bytes(mask['counts']).decode()}}
                if isinstance(mask['counts'], bytes) else {'segmentation': mask}
                for mask in sample.masks]
        described = {'image': {'height': height, 'width': width}, 'annotations': rows}
        files = {f'./{sample.path.name}': sample.path.read_bytes(),
                 f'./{sample.path.stem}.json': json.dumps(described).encode(),
                 f'./alone-{number}.json': b'{"image": {}, "annotations": []}'}
        with tarfile.open(folder / f'{number % 2}.tar', 'a') as tar:
            for name, data in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return folder


def test_a_tar_gives_the_pictures_and_masks_of_its_folder(coco, tars):
    plain = {sample.path.name: sample for sample in read_folder(coco)}
    tarred = read_folder(tars)
    assert sorted(sample.path.name for sample in tarred) == sorted(plain) and plain
    for sample in tarred:
        other = plain[sample.path.name]
        assert (sample.size, sample.upright) == (other.size, other.upright)
        assert np.array_equal(sample.image(), other.image())
        for ours, theirs in zip(sample.masks, other.masks, strict=True):
            assert np.array_equal(coco_mask.decode(ours), coco_mask.decode(theirs))
        assert not sample.complete
    names = [sample.path.name for sample in read_folder(tars / '0.tar')]
    assert 0 < len(names) < len(plain)
    assert not read_folder(tars, ['*'])


def test_a_run_learns_from_tars(tars, many_classes, tmp_path):
    out = tmp_path / 'run'
    train.main(['--data', str(tars), '--start', str(many_classes), '--size', '64', '--batch', '2',
                '--epochs', '1', '--workers', '0', '--out', str(out)])
    assert (out / 'epoch001.safetensors').is_file()


@pytest.mark.parametrize('data', [b'', b'nothing' * 100])
def test_what_is_no_tar_is_said(tmp_path, data):
    (tmp_path / 'a.tar').write_bytes(data)
    with pytest.raises(ValueError, match='no tar of pictures'):
        read_folder(tmp_path)


def test_a_tar_that_ends_too_early_is_said(tars):
    data = (tars / '0.tar').read_bytes().rstrip(b'\0')
    (tars / '0.tar').write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match='ends too early'):
        read_folder(tars)
