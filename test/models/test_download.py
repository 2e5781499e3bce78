# Copyright 2026 the fastsam_ros authors
# SPDX-License-Identifier: Apache-2.0

"""Fetching models from a server that behaves, and from one that does not."""

from dataclasses import replace
import hashlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import os
import threading

import pytest

from fastsam_ros.core.errors import ModelError
from fastsam_ros.models import download, registry
from fastsam_ros.models.published import PUBLISHED

CONTENT = bytes(range(256)) * 4096  # 1 MiB
HALF = len(CONTENT) // 2


def names(folder):
    return sorted(path.name for path in folder.iterdir())


class Handler(BaseHTTPRequestHandler):
    """Serves CONTENT in the way that the path names."""

    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        """Say nothing."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get('Range')))
        getattr(self, 'get_' + self.path.strip('/'))()

    def answer(self, content, status=200, length=None):
        self.send_response(status)
        self.send_header('Content-Length', str(length or len(content)))
        self.end_headers()
        self.wfile.write(content)

    def get_whole(self):
        self.answer(CONTENT)

    def get_missing(self):
        self.send_error(404)

    def get_cut(self):
        self.answer(CONTENT[:HALF], length=len(CONTENT))

    def get_short(self):
        self.answer(CONTENT[:HALF])

    def get_tampered(self):
        self.answer(b'X' + CONTENT[1:])

    def get_silent(self):
        """Hang up without a word."""

    def get_stuck(self):
        """Say nothing until the test is over."""
        self.server.over.wait(60)

    def get_resumable(self):
        start = self.headers.get('Range')
        if start is None:
            self.answer(CONTENT[:HALF], length=len(CONTENT))
        else:
            self.answer(CONTENT[int(start[len('bytes=') : -1]) :], status=206)

    def get_restarting(self):
        if self.headers.get('Range') is None:
            self.answer(CONTENT[:HALF], length=len(CONTENT))
        else:
            self.answer(CONTENT)

    def get_chunked(self):
        self.send_response(200)
        self.send_header('Transfer-Encoding', 'chunked')
        self.end_headers()
        self.wfile.write(b'%x\r\n' % len(CONTENT) + CONTENT[:HALF])


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv('no_proxy', '127.0.0.1')
    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as running:
        running.requests = []
        running.over = threading.Event()
        thread = threading.Thread(target=running.serve_forever, kwargs={'poll_interval': 0.01})
        thread.start()
        yield running
        running.over.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def publish(server, tmp_path, monkeypatch):
    """Make the server's answer at a path a published model called 'model.pt'."""
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path))

    def make(path, **changes):
        facts = {'sha256': hashlib.sha256(CONTENT).hexdigest(), 'size': len(CONTENT), **changes}
        url = f'http://127.0.0.1:{server.server_port}/{path}'
        model = replace(PUBLISHED['FastSAM-s.pt'], name='model.pt', file='model.pt', **facts)
        model = replace(model, url=changes.get('url', url))
        monkeypatch.setattr(registry, 'PUBLISHED', {'model.pt': model})
        return model

    return make


def test_a_whole_file_arrives_and_is_not_fetched_twice(publish, server, tmp_path):
    publish('whole')
    seen = []
    path = download.fetch('model.pt', progress=lambda *step: seen.append(step))
    assert path == tmp_path / 'model.pt'
    assert path.read_bytes() == CONTENT
    assert path.stat().st_mode & 0o777 == 0o644
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    download.fetch('model.pt')
    assert len(server.requests) == 1
    assert names(tmp_path) == ['model.pt']


def test_a_damaged_file_is_fetched_again(publish, tmp_path):
    publish('whole')
    (tmp_path / 'model.pt').write_bytes(b'damaged')
    assert download.fetch('model.pt').read_bytes() == CONTENT


def test_the_folder_is_made(publish, tmp_path):
    model = publish('whole')
    assert download.download(model, tmp_path / 'new' / 'folder').read_bytes() == CONTENT


def test_what_a_model_needs_comes_with_it(publish, tmp_path, monkeypatch):
    model = publish('whole', needs=('tokenizer.json',))
    needed = replace(model, name='tokenizer.json', file='tokenizer.json', needs=())
    both = {model.name: model, needed.name: needed}
    monkeypatch.setattr(registry, 'PUBLISHED', both)
    download.fetch('model.pt')
    assert names(tmp_path) == ['model.pt', 'tokenizer.json']


@pytest.mark.parametrize('path', ['resumable', 'restarting'])
def test_a_broken_transfer_goes_on(path, publish, server, tmp_path):
    publish(path)
    assert download.fetch('model.pt').read_bytes() == CONTENT
    assert server.requests == [(f'/{path}', None), (f'/{path}', f'bytes={HALF}-')]
    assert names(tmp_path) == ['model.pt']


def test_without_a_published_checksum_the_file_is_kept(publish):
    publish('whole', sha256=None, size=None)
    assert download.fetch('model.pt').read_bytes() == CONTENT


@pytest.mark.parametrize(
    ('path', 'changes', 'message'),
    [
        ('missing', {}, '404'),
        ('cut', {}, 'could not be fetched whole'),
        ('chunked', {}, 'could not be fetched whole'),
        ('silent', {}, 'hung up'),
        ('short', {}, f'{HALF} bytes, not the {len(CONTENT)} published'),
        ('tampered', {}, 'not the published'),
        ('whole', {'sha256': 'f' * 64}, 'not the published'),
        ('whole', {'url': 'http://127.0.0.1:1/'}, 'online'),
        ('whole', {'size': 1 << 60}, 'No room'),
    ],
)
def test_what_fails_says_why_and_leaves_nothing(path, changes, message, publish, tmp_path):
    publish(path, **changes)
    with pytest.raises(ModelError, match=message):
        download.fetch('model.pt')
    assert names(tmp_path) == []


def test_a_server_that_says_nothing_is_tried_again(publish, tmp_path, monkeypatch):
    monkeypatch.setattr(download, 'TIMEOUT', 0.2)
    publish('stuck')
    with pytest.raises(ModelError, match=r'said nothing for 0\.2 s, in each of 4 attempts'):
        download.fetch('model.pt')
    assert names(tmp_path) == []


@pytest.mark.parametrize('error', [ConnectionAbortedError, BrokenPipeError, TimeoutError])
def test_a_server_that_hangs_up_before_it_answers_is_tried_again(error, publish, monkeypatch):
    model, opened = publish('whole'), download.urllib.request.urlopen
    failures = [error('first'), error('second')]

    def urlopen(*arguments, **keywords):
        if failures:
            raise failures.pop()
        return opened(*arguments, **keywords)

    monkeypatch.setattr(download.urllib.request, 'urlopen', urlopen)
    assert download.fetch(model.name).read_bytes() == CONTENT


def test_a_failed_fetch_keeps_the_file_that_was_there(publish, tmp_path):
    publish('tampered')
    (tmp_path / 'model.pt').write_bytes(b'older')
    with pytest.raises(ModelError):
        download.fetch('model.pt')
    assert (tmp_path / 'model.pt').read_bytes() == b'older'


def test_a_disk_that_fills_up_is_said(publish, tmp_path, monkeypatch):
    publish('whole')

    def full(**_):
        return os.open('/dev/full', os.O_WRONLY), str(tmp_path / 'part')

    monkeypatch.setattr(download.tempfile, 'mkstemp', full)
    with pytest.raises(ModelError, match='No room'):
        download.fetch('model.pt')


def test_a_folder_that_cannot_be_written_is_said(publish, tmp_path, monkeypatch):
    publish('whole')
    (tmp_path / 'file').write_bytes(b'')
    monkeypatch.setenv('FASTSAM_MODELS', str(tmp_path / 'file'))
    with pytest.raises(ModelError, match='could not be written'):
        download.fetch('model.pt')


def test_an_interrupt_leaves_nothing(publish, tmp_path):
    publish('whole')

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.fetch('model.pt', progress=interrupt)
    assert names(tmp_path) == []


def test_an_unknown_name_is_said(publish):
    publish('whole')
    with pytest.raises(ModelError, match='No published model'):
        download.fetch('nothing')
