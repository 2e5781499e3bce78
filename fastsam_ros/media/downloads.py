# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures by their addresses on the web."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from http.client import HTTPException, InvalidURL
from pathlib import Path, PurePosixPath
import re
from tempfile import TemporaryDirectory, mkdtemp
import time
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from fastsam_ros.core.errors import ImageError

LARGEST = 64 << 20  # bytes; more than any photograph has
SILENT = 15.0  # seconds that a server may say nothing
LONGEST = 60.0  # seconds for a whole picture
PIECE = 1 << 16  # bytes
FAILURES = (URLError, HTTPException, OSError, ValueError)
SUFFIXES = {
    'image/jpeg': '.jpg', 'image/png': '.png', 'image/webp': '.webp', 'image/bmp': '.bmp',
    'image/tiff': '.tif', 'image/avif': '.avif', 'image/heic': '.heic', 'image/heif': '.heif'}


def is_address(argument: str) -> bool:
    """
    Whether what was typed is an address on the web.

    :param argument: such as https://example.org/dogs.jpg
    """
    return re.match(r'https?://', argument, re.IGNORECASE) is not None


def shown_address(address: str) -> str:
    """
    An address as it may be shown: without name and password, and what a question mark begins.

    :param address: of a picture or a camera
    """
    return re.match('[^?#]*', _parted(address)[1])[0]


def fetch(address: str, largest: int = LARGEST, longest: float = LONGEST) -> Path:
    """
    Bring a picture here; the file is gone when the program ends.

    :param address: http or https; redirections are followed to such alone; a name and password
        before the host are sent as such; neither they nor what a question mark begins are shown
    :param largest: bytes that are taken at most
    :param longest: seconds that it may take
    :return: where it is, under the name that it has there
    :raises ImageError: when it cannot be had, is too large, takes too long, or is no picture
    """
    shown = shown_address(address)
    user, address = _parted(address)
    try:
        request = _request(address, user, Accept='image/*')
        with _opener().open(request, timeout=SILENT) as response:
            kind = response.headers.get_content_type()
            if kind not in SUFFIXES and kind != 'application/octet-stream':
                stream = kind.startswith('multipart/')
                raise ImageError(
                    f'{shown} is no picture that is read, but {kind}' + stream * (
                        f': a camera, which fastsam page {shown} shows'))
            data = _read(response, shown, largest, time.monotonic() + longest)
    except ImageError:
        raise  # says already what is wrong
    except FAILURES as error:
        raise _failed(shown, error) from error
    path = _place() / _name(address, kind)
    path.write_bytes(data)
    return path


def content_type(address: str) -> str:
    """
    What kind of content is at an address, as image/jpeg.

    :param address: http or https; a name and password before the host are sent as such
    :raises ImageError: when nobody answers there
    """
    shown = shown_address(address)
    user, address = _parted(address)
    try:
        with _opener().open(_request(address, user), timeout=SILENT) as response:
            return response.headers.get_content_type()
    except FAILURES as error:
        raise _failed(shown, error) from error


def _failed(shown: str, error: Exception) -> ImageError:
    quoting = isinstance(error, (InvalidURL, ValueError))  # the address, as a whole
    reason = 'it is no address' if quoting else getattr(error, 'reason', None) or error
    return ImageError(f'{shown} could not be fetched: {reason}')


def _parted(address: str) -> tuple[str, str]:
    """What is before the host, name:password, and the address without it."""
    scheme, slashes, rest = address.partition('//')
    user, at, _ = re.match('[^/?#]*', rest)[0].rpartition('@')
    return user, scheme + slashes + rest.removeprefix(user + at)


def _request(address: str, user: str, **headers: str) -> Request:
    request = Request(address, headers={'User-Agent': 'fastsam', **headers})
    if user:  # not for the hosts of redirections
        request.add_unredirected_header(
            'Authorization', 'Basic ' + b64encode(unquote(user).encode()).decode())
    return request


def _read(response, shown: str, largest: int, until: float) -> bytes:
    said = int(response.headers.get('Content-Length') or 0)
    data = bytearray()
    while said <= largest and (piece := response.read1(PIECE)):
        data += piece
        if len(data) > largest:
            break
        if time.monotonic() > until:
            raise ImageError(f'{shown} takes too long: {len(data)} bytes came in time')
    if max(said, len(data)) > largest:
        raise ImageError(
            f'{shown} has more than {largest} bytes: fetch it yourself and name the file')
    if len(data) < said:
        raise ImageError(f'{shown} ended after {len(data)} of {said} bytes')
    return bytes(data)


def _name(address: str, kind: str) -> str:
    """A file's name for an address: its last part, with an ending that says what it is."""
    last = PurePosixPath(unquote(urlsplit(address).path)).name
    stem = re.sub(r'[^\w.-]+', '-', last).strip('.-') or 'picture'
    suffix = SUFFIXES.get(kind) or PurePosixPath(stem).suffix or '.jpg'
    return stem if PurePosixPath(stem).suffix.lower() in SUFFIXES.values() else stem + suffix


def _opener() -> OpenerDirector:
    """Without what urllib opens beside: files, FTP and data."""
    opener = OpenerDirector()
    for handler in (
            ProxyHandler, HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor,
            HTTPRedirectHandler):
        opener.add_handler(handler())
    return opener


@cache
def _folder() -> TemporaryDirectory:
    return TemporaryDirectory(prefix='fastsam-')


def _place() -> Path:
    """A new folder: two pictures may have one name."""
    return Path(mkdtemp(dir=_folder().name))
