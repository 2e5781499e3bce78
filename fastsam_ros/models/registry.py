# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Which file a model's name stands for, and whether that file may be loaded."""

from __future__ import annotations

import difflib
import hashlib
import os
from pathlib import Path
import zipfile

from fastsam_ros.core.errors import ModelError, UntrustedModelError
from fastsam_ros.models.published import ALIASES, PUBLISHED, Published

SHIPPED = 'fastsam-n.onnx'
PICKLES = {'.pt', '.pth', '.ckpt', '.bin', '.pkl', '.pickle'}
BLOCK = 1 << 20  # bytes read at once while hashing


def folder() -> Path:
    """
    Where fetched models are kept.

    $FASTSAM_MODELS, else `fastsam_ros` in the user's cache ($XDG_CACHE_HOME or ~/.cache).
    """
    chosen = os.environ.get('FASTSAM_MODELS')
    if chosen:
        return Path(chosen).expanduser()
    cache = os.environ.get('XDG_CACHE_HOME') or '~/.cache'
    return Path(cache).expanduser() / 'fastsam_ros'


def lookup(name: str) -> Published:
    """
    The published model of that name or alias.

    :raises ModelError: nothing of that name was published
    """
    name = ALIASES.get(name, name)
    if name in PUBLISHED:
        return PUBLISHED[name]
    raise ModelError(f'No published model is called {name!r}.{_suggest(name)}')


def installed(name: str) -> Path | None:
    """
    Where `fetch` put a published model; None: it was not fetched.

    :raises ModelError: nothing of that name was published
    """
    path = folder() / lookup(name).file
    return path if path.is_file() else None


def shipped(name: str = SHIPPED) -> Path:
    """
    A model file that is part of this package.

    :param name: its file name
    :raises ModelError: the installation lacks it
    """
    path = Path(__file__).with_name(name)
    if not path.is_file():
        raise ModelError(
            f'The model that ships with fastsam_ros is not at {path}: the installation is '
            'incomplete. Install fastsam_ros again, or name another model.'
        )
    return path


def resolve(name: str | os.PathLike[str]) -> Path:
    """
    The file that a model's name or path stands for.

    :param name: '' or 'fastsam-n': the model that ships; the name of a published model; a path
    :raises ModelError: there is no such file; the message says how to get it
    """
    text = os.fspath(name)
    if text in ('', 'fastsam-n', SHIPPED):
        return shipped()
    path = Path(text).expanduser()
    if ALIASES.get(text, text) in PUBLISHED:
        found = installed(text) or (path if path.is_file() else None)
        if found is None:
            raise ModelError(_how_to_fetch(lookup(text)))
        return found
    if not path.exists():
        raise ModelError(f'There is no model file {path}.{_suggest(path.name)}')
    return path


def check_trust(path: str | os.PathLike[str], trust: bool) -> None:
    """
    Refuse a pickle that nobody vouches for; all else passes.

    ONNX, OpenVINO and safetensors files are data. Files that end in .torchscript or .engine are
    programs of their runtime, TorchScript or TensorRT: they pass, but load only those whose
    origin you know.

    :param path: of the model file
    :param trust: the user vouches for the file
    :raises UntrustedModelError: neither a published checkpoint nor trusted; names its SHA-256
    :raises ModelError: not there, truncated, or no PyTorch checkpoint at all
    """
    path = Path(path)
    if path.suffix.lower() not in PICKLES:
        return
    check_archive(path)
    if trust:
        return
    digest = sha256(path)
    if digest not in {model.sha256 for model in PUBLISHED.values()}:
        raise UntrustedModelError(
            f'{path} is a pickle, which can run any code while it is loaded, and its SHA-256 '
            f'{digest} is not that of a published FastSAM checkpoint. If you know where it comes '
            'from, pass --trust (trust=True in Python); if you do not, do not load it. ONNX, '
            'OpenVINO and safetensors files need no trust.'
        )


def check_archive(path: Path) -> None:
    """
    Tell a checkpoint that PyTorch wrote from anything else, without unpickling it.

    :param path: of a .pt file
    :raises ModelError: not there, truncated, or not one
    """
    if not path.is_file():
        raise ModelError(f'There is no model file {path}.')
    # The directory of a zip archive is at its end, so a truncated file has none.
    if not zipfile.is_zipfile(path):
        raise ModelError(
            f'{path} ({path.stat().st_size} bytes) is not a PyTorch checkpoint, or only a part '
            f'of one. Get it again{_again(path)}.'
        )
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if not any(name.endswith('data.pkl') for name in names):
        raise ModelError(f'{path} is a zip archive but not a PyTorch checkpoint.')


def sha256(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a file: 64 hexadecimal digits."""
    digest = hashlib.sha256()
    with Path(path).open('rb') as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def verify(name: str) -> bool:
    """
    Compare a fetched model with what was published.

    :return: True: the SHA-256 is the published one; False: no SHA-256 was published
    :raises ModelError: not fetched, or another size or SHA-256 than published
    """
    model = lookup(name)
    path = installed(name)
    if path is None:
        raise ModelError(_how_to_fetch(model))
    check_file(path, model)
    return model.sha256 is not None


def check_file(path: Path, model: Published) -> None:
    """
    Compare a file with what was published.

    :raises ModelError: another size or SHA-256
    """
    size = path.stat().st_size
    if model.size is not None and size != model.size:
        raise ModelError(f'{model.name} has {size} bytes, not the {model.size} published.')
    digest = sha256(path) if model.sha256 else None
    if digest != model.sha256:
        raise ModelError(
            f'{model.name} has the SHA-256 {digest}, not the published {model.sha256}: it is '
            'damaged or another file.'
        )


def _how_to_fetch(model: Published) -> str:
    size = f' ({model.size / 1e6:.0f} MB)' if model.size else ''
    return (
        f'{model.name} is not in {folder()} yet. Fetch it{size} with\n'
        f'  fastsam models get {model.name}\n'
        f'or give the path of the file. Its licence: {model.licence}.'
    )


def _again(path: Path) -> str:
    return f' with `fastsam models get {path.name}`' if path.name in PUBLISHED else ''


def _suggest(name: str) -> str:
    close = difflib.get_close_matches(name, PUBLISHED, n=1)
    hint = f' Did you mean {close[0]}?' if close else ''
    return f'{hint} Known names: {", ".join(PUBLISHED)} (see `fastsam models list`).'
