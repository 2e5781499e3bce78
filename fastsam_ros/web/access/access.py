# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""
Who may see the page: a token where others can reach it, and no foreign page in any case.

Without a token only this machine reaches the server. A page from elsewhere, open in the same
browser, still could: so a websocket must come from the server's own pages (Origin), and the
name that the browser used must be one of this machine's own (Host), or a foreign name that
resolves to 127.0.0.1 would count as the same origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
import ipaddress
from pathlib import Path
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastsam_ros.core.errors import ParameterError

POLICY = "default-src 'self'; img-src 'self' blob: data:; frame-ancestors 'none'"
HEADERS = {
    'Content-Security-Policy': POLICY,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-cache',
}
SECRET = secrets.token_bytes(32)  # of this run of the server
NO_TOKEN = (
    'This page wants its token: open the address that the server printed when it started, '
    'which ends in ?token=...'
)


def is_loopback(host: str) -> bool:
    """
    Whether a name or address means this machine alone.

    :param host: 'localhost', an IPv4 or IPv6 address, or any other name
    """
    try:
        return ipaddress.ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return host.lower() == 'localhost'


def new_token() -> str:
    """A token that nobody guesses, short enough to type."""
    return secrets.token_urlsafe(18)


def read_token(words: str) -> str:
    """
    The token that an option or a variable names: itself, or what the file behind an @ holds.

    :raises ParameterError: when the file cannot be read or is empty
    """
    if not words.startswith('@'):
        return words
    try:
        token = Path(words[1:]).expanduser().read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f'the token cannot be read from {words[1:]}: {error}') from error
    if not token:
        raise ParameterError(f'{words[1:]} holds no token: write one into it')
    return token


@dataclass
class Guard:
    """
    ASGI middleware that lets through who may.

    :param app: what it guards
    :param token: what a visitor has to show, or '' when only this machine can reach the server
    """

    app: ASGIApp
    token: str = ''

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope['type'] not in ('http', 'websocket'):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self.app(scope, receive, _with_headers(send))
        elif scope['type'] == 'websocket':
            # Closed before it is accepted: the browser sees 403.
            await send({'type': 'websocket.close', 'code': 1008})
        else:
            await refusal(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        host = headers.get('host', '')
        if not self.token and not is_loopback(_hostname(host)):
            return PlainTextResponse('Unknown host name: use 127.0.0.1 or localhost.', 421)
        if scope['type'] == 'websocket' and not _same_origin(headers.get('origin'), host):
            return PlainTextResponse('Only pages of this server may connect.', 403)
        return self._without_token(scope, headers) if self.token else None

    def _without_token(self, scope: Scope, headers: Mapping[str, str]) -> Response | None:
        query = parse_qs(scope['query_string'].decode('latin-1'))
        shown = query.pop('token', [''])[0]
        if self._is_token(shown):
            if scope['type'] == 'websocket' or scope['method'] != 'GET' or scope['path'] != '/':
                return None
            return self._remembered(urlencode(query, doseq=True))
        bearer = headers.get('authorization', '').removeprefix('Bearer ')
        if self._is_token(bearer) or self._is_proof(self._remembers(headers.get('cookie', ''))):
            return None
        return PlainTextResponse(NO_TOKEN, 401, {'WWW-Authenticate': 'Bearer'})

    def _remembered(self, query: str) -> Response:
        """The page without the token in its address, which people copy and show."""
        response = RedirectResponse('.' + (f'/?{query}' if query else ''), 303)
        response.set_cookie(self._cookie, self._proof, httponly=True, samesite='lax')
        return response

    @property
    def _cookie(self) -> str:
        """Its name; another server's on the same host, be it on another port, is not replaced."""
        return 'fastsam_' + hashlib.sha256(self.token.encode()).hexdigest()[:12]

    def _remembers(self, header: str) -> str:
        try:
            morsel = SimpleCookie(header).get(self._cookie)
        except CookieError:
            return ''
        return morsel.value if morsel else ''

    @property
    def _proof(self) -> str:
        """What a cookie holds: whoever reads it learns no token, and it ends with the server."""
        return hmac.new(SECRET, self.token.encode(), hashlib.sha256).hexdigest()

    def _is_proof(self, value: str) -> bool:
        return hmac.compare_digest(value.encode(), self._proof.encode())

    def _is_token(self, value: str) -> bool:
        return hmac.compare_digest(value.encode(), self.token.encode())


def _hostname(host: str) -> str:
    try:
        return urlsplit(f'//{host}').hostname or ''
    except ValueError:
        return ''


def _same_origin(origin: str | None, host: str) -> bool:
    """Browsers always name the origin of a websocket; programs that don't are not browsers."""
    return origin is None or urlsplit(origin).netloc.lower() == host.lower()


def _with_headers(send: Send) -> Send:
    async def sender(message: Message) -> None:
        if message['type'] == 'http.response.start':
            extra = [(k.lower().encode(), v.encode()) for k, v in HEADERS.items()]
            message = {**message, 'headers': [*message.get('headers', ()), *extra]}
        await send(message)

    return sender
