# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Pictures by their addresses, from a server on this machine."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import io
from threading import Thread

import numpy as np
from PIL import Image
import pytest

from fastsam_ros.core.errors import ImageError
from fastsam_ros.media.downloads import content_type, fetch
from fastsam_ros.media.images import read_picture
from fastsam_ros.media.sources import find_sources

KEY = 'Basic bWU6c2VAY3JldA=='  # me:se@cret
PIXELS = np.random.default_rng(3).integers(0, 256, (30, 40, 3), np.uint8)


def png():
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, 'png')
    return file.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Says what its path asks for."""

    def do_GET(self):
        data, kind, length = png(), 'image/png', None
        if self.path == '/moved':
            self.send_response(302)
            self.send_header('Location', '/dogs.png')
            self.end_headers()
            return
        if self.path == '/away':
            self.send_response(302)
            self.send_header('Location', 'file:///etc/hostname')
            self.end_headers()
            return
        if self.path == '/locked.png' and self.headers['Authorization'] != KEY:
            self.send_error(401)
            return
        self.path = self.path.partition('?')[0]
        if self.path == '/page':
            kind = 'text/html'
        if self.path == '/short':
            length = len(data) + 10
        self.send_response(404 if self.path == '/gone.png' else 200)
        self.send_header('Content-Type', kind)
        if self.path != '/endless':
            self.send_header('Content-Length', str(length or len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture(scope='module')
def server():
    server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    Thread(target=server.serve_forever).start()
    yield f'http://127.0.0.1:{server.server_port}'
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize('path, name', [
    ('/dogs.png', 'dogs.png'), ('/dogs.png?width=40', 'dogs.png'), ('/moved', 'moved.png'),
    ('/', 'picture.png'), ('/..%2f..%2fdogs', 'dogs.png'), ('/endless', 'endless.png')])
def test_a_picture_is_read_by_its_address(server, path, name):
    (source,) = find_sources([server + path])
    assert (source.name, source.kind) == (name, 'picture')
    assert np.array_equal(read_picture(source.path), PIXELS)


def test_two_pictures_of_one_name_are_told_apart(server):
    paths = [fetch(f'{server}/dogs.png?{n}') for n in range(2)]
    assert paths[0] != paths[1]
    assert len(find_sources(map(str, paths))) == 2


@pytest.mark.parametrize('path, words', [
    ('/gone.png', 'Not Found'), ('/page', 'is no picture that is read, but text/html'),
    ('/short', 'ended after'), ('/away', 'could not be fetched')])
def test_what_is_no_picture_is_refused_in_words(server, path, words):
    with pytest.raises(ImageError, match=words):
        fetch(server + path)


@pytest.mark.parametrize('path', ['/dogs.png', '/endless'])
def test_what_is_too_large_is_refused_whether_the_server_says_so_or_not(server, path):
    with pytest.raises(ImageError, match='more than 100 bytes'):
        fetch(server + path, largest=100)


def test_what_takes_too_long_is_given_up(server):
    with pytest.raises(ImageError, match='takes too long'):
        fetch(server + '/dogs.png', longest=-1.0)


def test_where_nobody_answers_that_is_said(server):
    with pytest.raises(ImageError, match='could not be fetched'):
        fetch('http://127.0.0.1:1/dogs.png')


@pytest.mark.parametrize('path', ['/gone.png', '/page', '/short', '/endless'])
def test_no_error_shows_a_password(server, path):
    with pytest.raises(ImageError, match='127.0.0.1') as refused:
        fetch(server.replace('//', '//me:secret@') + path, largest=100)
    assert 'secret' not in str(refused.value) and 'me:' not in str(refused.value)


@pytest.mark.parametrize('path', ['/gone.png', '/page', '/short', '/endless', '/a dog'])
def test_no_error_shows_what_follows_a_question_mark(server, path):
    with pytest.raises(ImageError, match='127.0.0.1') as refused:
        fetch(f'{server}{path}?pwd=secret', largest=100)
    assert 'secret' not in str(refused.value)


@pytest.mark.parametrize('address', [
    'http://127.0.0.1:1/live?pwd=secret', 'http://127.0.0.1:port/live?pwd=secret'])
def test_nor_where_its_kind_is_asked_for(address):
    with pytest.raises(ImageError, match='/live could not be fetched') as refused:
        content_type(address)
    assert 'secret' not in str(refused.value)


def test_a_name_and_password_are_sent(server):
    with pytest.raises(ImageError, match='Unauthorized'):
        fetch(f'{server}/locked.png')
    path = fetch(server.replace('//', '//me:se%40cret@') + '/locked.png')
    assert np.array_equal(read_picture(path), PIXELS)


@pytest.mark.parametrize('address', ['http://localhost/my dog.jpg', 'http://[::1/dog.jpg'])
def test_an_address_that_is_none_is_refused_in_words(address):
    with pytest.raises(ImageError, match='could not be fetched'):
        fetch(address)
