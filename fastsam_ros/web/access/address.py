# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The address that a person opens, as words and, for a phone, as a QR code."""

from __future__ import annotations

from collections.abc import Iterable
import socket
import sys
from urllib.parse import urlencode

ANY = ('0.0.0.0', '::')
# No packet is sent: the system only says which of its addresses it would use.
_ELSEWHERE = {socket.AF_INET: ('192.0.2.1', 9), socket.AF_INET6: ('2001:db8::1', 9)}


def greet(host: str, port: int, token: str) -> None:
    """
    Say where the page is; where it listens on every address, so that a phone finds it.

    :param host: that is listened on
    :param port: that is listened on
    :param token: that visitors have to show, or ''
    """
    address = page_address(host, port, token)
    print(f'Open {address}', flush=True)
    if host in ANY:
        for line in qr_code(address):
            print(line, flush=True)


def page_address(host: str, port: int, token: str) -> str:
    """The page's address; for a server on all addresses that in the local network."""
    if host in ANY:
        host = local_address() or socket.gethostname()
    host = f'[{host}]' if ':' in host else host
    return f'http://{host}:{port}/' + (f'?{urlencode({"token": token})}' if token else '')


def local_address() -> str:
    """This machine's address in its network; '' when it is in none."""
    for family, elsewhere in _ELSEWHERE.items():
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect(elsewhere)
                return str(probe.getsockname()[0])
        except OSError:
            continue
    return ''


def qr_code(text: str) -> Iterable[str]:
    """
    Lines of a QR code for a terminal; none where segno is missing or this is no terminal.

    Two rows of modules in a line: half blocks are as wide as they are high.
    """
    if not sys.stdout.isatty():
        return []
    try:
        import segno
    except ModuleNotFoundError:
        return []
    rows = [list(row) for row in segno.make(text, error='l').matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    blocks = {(0, 0): '█', (0, 1): '▀', (1, 0): '▄', (1, 1): ' '}  # dark is the background
    return [''.join(blocks[bool(a), bool(b)] for a, b in zip(upper, lower))
            for upper, lower in zip(rows[::2], rows[1::2])]
