# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Kernels compiled by NVRTC, which needs no GPU for it, and kept."""

import logging

import pytest

from fastsam_ros.backends.tensorrt import nvrtc

ARCHITECTURES = ['sm_75', 'sm_87', 'sm_90', 'sm_100', 'sm_110']  # 8.7: Orin; 11.0: Thor


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    return tmp_path / 'fastsam_ros' / 'kernels'


@pytest.mark.parametrize('architecture', ARCHITECTURES)
def test_the_compiler_has_nothing_to_say(architecture):
    compiled, log = nvrtc.compile_kernels(architecture)
    assert log == ''
    assert compiled.startswith(b'\x7fELF')


def test_a_gpu_that_it_does_not_know():
    with pytest.raises(RuntimeError, match=r'no kernels for sm_12: NVRTC_ERROR_INVALID_OPTION'):
        nvrtc.compile_kernels('sm_12')


def test_sources_that_are_broken(tmp_path, monkeypatch):
    (tmp_path / 'kernels.cu').write_text('__global__ void broken() {nothing();}')
    monkeypatch.setattr(nvrtc, 'SOURCES', tmp_path)
    with pytest.raises(RuntimeError, match='"nothing" is undefined'):
        nvrtc.compile_kernels('sm_87')


def test_warnings_are_told(tmp_path, monkeypatch, caplog):
    (tmp_path / 'kernels.cu').write_text('__global__ void wasteful() {int unused;}')
    monkeypatch.setattr(nvrtc, 'SOURCES', tmp_path)
    nvrtc.cubin('8.7')
    assert 'never referenced' in caplog.text


def test_they_are_compiled_once_for_each_gpu_and_source(folder, tmp_path, monkeypatch):
    compiled = []
    compile_kernels = nvrtc.compile_kernels
    monkeypatch.setattr(
        nvrtc, 'compile_kernels', lambda name: compiled.append(name) or compile_kernels(name))
    first = nvrtc.cubin('8.7')
    assert nvrtc.cubin('8.7') == first
    assert nvrtc.cubin('9.0') != first
    assert compiled == ['sm_87', 'sm_90']
    (tmp_path / 'kernels.cu').write_text('extern "C" __global__ void other() {}')
    monkeypatch.setattr(nvrtc, 'SOURCES', tmp_path)
    nvrtc.cubin('8.7')
    assert compiled == ['sm_87', 'sm_90', 'sm_87']
    assert len(list(folder.iterdir())) == 3  # and no file that was not finished


def test_a_folder_that_cannot_be_written(folder, caplog):
    folder.parent.write_text('a file in its place')
    with caplog.at_level(logging.WARNING):
        assert nvrtc.cubin('8.7').startswith(b'\x7fELF')
    assert 'not kept' in caplog.text


def test_a_file_that_cannot_be_read_is_made_anew(folder):
    first = nvrtc.cubin('8.7')
    kept, = folder.iterdir()
    kept.unlink()
    kept.mkdir()
    assert nvrtc.cubin('8.7') == first


def test_what_the_gpu_does_not_take_is_replaced(folder):
    first = nvrtc.cubin('8.7')
    kept, = folder.iterdir()
    kept.write_bytes(first[:100])
    assert nvrtc.cubin('8.7') == first[:100]
    assert nvrtc.cubin('8.7', anew=True) == first == kept.read_bytes()


def test_a_user_without_a_home(monkeypatch, caplog):
    def home():
        raise RuntimeError('Could not determine home directory.')

    monkeypatch.delenv('XDG_CACHE_HOME')
    monkeypatch.setattr(nvrtc.Path, 'home', home)
    assert nvrtc.cubin('8.7').startswith(b'\x7fELF')
    assert 'not kept: Could not determine home' in caplog.text


@pytest.mark.parametrize('step', ['fsync', 'replace'])
def test_a_disk_that_is_full_keeps_no_part(folder, monkeypatch, caplog, step):
    """Bytes are on the disk before the file has its name: a power cut leaves no half of it."""
    def fail(*arguments):
        raise OSError('No space left on device')

    monkeypatch.setattr(*{'fsync': (nvrtc.os, 'fsync'), 'replace': (nvrtc.Path, 'replace')}[step],
                        fail)
    nvrtc.cubin('8.7')
    assert 'not kept: No space left' in caplog.text
    assert list(folder.iterdir()) == []
